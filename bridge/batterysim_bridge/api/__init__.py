"""The REST API under /v1 and the page: what users call."""
