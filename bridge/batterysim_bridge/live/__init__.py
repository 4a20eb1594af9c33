"""All BatterySimulations in memory, kept in step with the API server, and whoever waits for a change."""
