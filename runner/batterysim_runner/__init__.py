"""The runner: one process, one simulation. Spec in, PyBaMM solves, result file out to the bridge."""
