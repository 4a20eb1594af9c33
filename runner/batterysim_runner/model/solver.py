"""The solver, as the spec wants it."""

from typing import Any

import pybamm
from pybammsolvers import idaklu

from batterysim.spec.simulation import BatterySimulationSpec

OPTIONS = {
    # SUNDIALS' 10 are used up where a current leaves zero under a tight tolerance: each failure makes the
    # step smaller, and the tolerance of a current of zero is the absolute one alone.
    "max_error_test_failures": 100,
    # What went wrong is told as the run's failure, in words that say what to change.
    "silence_sundials_errors": True,
}
"""Where they differ from PyBaMM's. A run that ends with PyBaMM's has the same numbers."""


FAILURE = "failure"
"""PyBaMM's word for a solve that SUNDIALS has given up."""


class KeepingSolver(pybamm.IDAKLUSolver):  # type: ignore[misc]
    """Where SUNDIALS gives up on the way, it returns what is solved, not an error: ask `failure_of`."""

    failure = ""

    def _post_process_solution(self, sol: Any, *args: Any) -> pybamm.Solution:
        if sol.flag < 0:
            self.failure = idaklu.sundials_error_message(sol.flag)
        return super()._post_process_solution(sol, *args)


def failure_of(solver: pybamm.BaseSolver, solution: pybamm.Solution) -> str | None:
    """Return why a solver gave up the solution that it has just returned, in its words; None: it did not."""
    return solver.failure or FAILURE if solution.termination == FAILURE else None


def solver_for(spec: BatterySimulationSpec) -> pybamm.IDAKLUSolver:
    """Return PyBaMM's solver with the spec's tolerances, for one simulation."""
    solver = KeepingSolver(
        rtol=spec.solver.relative_tolerance,
        atol=spec.solver.absolute_tolerance,
        # PyBaMM only warns when a run leaves the range of a cell's tables, and goes on with invented numbers.
        on_extrapolation="error",
        on_failure="ignore",
        options=OPTIONS,
    )
    # Without a state to begin with there is nothing to keep.
    if isinstance(solver.root_method, pybamm.BaseSolver):
        solver.root_method.on_failure = "error"
    return solver
