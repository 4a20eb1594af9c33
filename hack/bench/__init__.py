"""Measurements: how long something takes, beside a peer in the same run."""
