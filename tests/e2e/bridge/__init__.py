"""The bridge over HTTP, on the real cluster."""
