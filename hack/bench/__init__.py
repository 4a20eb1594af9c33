"""Measurements: the time of something, next to that of a peer in the same run."""
