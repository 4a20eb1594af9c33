"""Simulations whose equations were compiled with the image: solved without PyBaMM (docs/decisions/040-…)."""
