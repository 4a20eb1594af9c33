"""The solver, as the spec wants it."""

import pybamm

from batterysim.spec.simulation import BatterySimulationSpec

OPTIONS = {
    # SUNDIALS' 10 are used up where a current leaves zero under a tight tolerance: each failure makes the
    # step smaller, and the tolerance of a current of zero is the absolute one alone.
    "max_error_test_failures": 100,
    # What went wrong is told as the run's failure, in words that say what to change.
    "silence_sundials_errors": True,
}
"""Where they differ from PyBaMM's. A run that ends with PyBaMM's has the same numbers."""


def solver_for(spec: BatterySimulationSpec) -> pybamm.IDAKLUSolver:
    """Return PyBaMM's solver with the spec's tolerances, for one simulation."""
    return pybamm.IDAKLUSolver(
        rtol=spec.solver.relative_tolerance,
        atol=spec.solver.absolute_tolerance,
        # PyBaMM only warns when a run leaves the range of a cell's tables, and goes on with invented numbers.
        on_extrapolation="error",
        options=OPTIONS,
    )
