"""All simulations and sweeps in memory, kept in step with the API server, and who waits for their changes."""
