"""The loop around the decisions: queues, the periodic resync, and the calls to the API server."""
