"""Simulations from their creation to their end, on the real cluster."""
