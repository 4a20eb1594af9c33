"""Sweeps: many points of one simulation, solved one after the other in children of a small parent."""
