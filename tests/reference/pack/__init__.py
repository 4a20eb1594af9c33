"""Packs of cells."""
