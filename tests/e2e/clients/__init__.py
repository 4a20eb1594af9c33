"""Command line and Python client against the real cluster."""
