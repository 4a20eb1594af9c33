"""Cells: parameters, states, limits and models."""
