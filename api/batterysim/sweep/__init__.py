"""Sweeps: one simulation with many values, as one object and one table.

Spec, field paths and checks. The designs themselves are computed in the runner, which has SciPy.
"""
