"""Whether a run kept within the range of the cell's tables."""

import numpy as np
import pybamm

from batterysim_runner.errors import SolverFailedError

TOLERANCE = 1e-10
"""What rounding may do to a cell that is exactly at the end of a table. PyBaMM's own."""


def check_tables(solution: pybamm.Solution) -> None:
    """Check every point of a solution. PyBaMM looks at the first and the last one only, and merely warns.

    Raises:
        SolverFailedError: names the tables that the run left; beyond their ends PyBaMM makes the numbers up.
    """
    if solution.variables_returned:  # the states, which tell it, are not there
        return
    left = {
        event.name
        for model, times, states, inputs in zip(
            solution.all_models, solution.all_ts, solution.all_ys, solution.all_inputs, strict=True
        )
        for event in model.events
        if event.event_type == pybamm.EventType.INTERPOLANT_EXTRAPOLATION
        and np.min(event.expression.evaluate(times, np.asarray(states), inputs=inputs)) < -TOLERANCE
    }
    if left:
        raise SolverFailedError(left_tables(sorted(left)))


def left_tables(names: list[str]) -> str:
    """Say which tables a run left, and what to change."""
    return (
        f"the run left the cell's tables ({', '.join(names)}), beyond which nothing was measured: "
        "check spec.cell.ambientTemperatureCelsius and the size of the current, or use another cell"
    )
