"""Keeping results and checkpoints: on a volume or in a bucket."""
