"""Protocols: grids, ends and numbers."""
