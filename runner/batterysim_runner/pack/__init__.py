"""Packs: the equations of many cells and of the circuit between them, solved as one model."""
