"""Measurements on a cluster."""
