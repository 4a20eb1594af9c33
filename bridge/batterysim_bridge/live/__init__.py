"""All BatterySimulations in memory, kept in step with the API server, and the subscribers to their
changes."""
