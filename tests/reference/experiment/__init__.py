"""Experiments: steps, cycles and ageing."""
