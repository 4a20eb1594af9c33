"""Whether a run kept within the range of the cell's tables."""

from collections.abc import Iterator

import numpy as np
import pybamm

from batterysim_runner.cell.endings import TABLE_TOLERANCE, left_tables
from batterysim_runner.errors import LeftTablesError


def observe_tables(simulation: pybamm.Simulation) -> None:
    """Have a solver that returns chosen variables instead of all states return the tables' margins, too.

    PyBaMM has them as events, and several share one name, so they cannot be chosen by that.
    """
    chosen = simulation.solver.output_variables
    if not chosen:
        return
    simulation.build()
    model = simulation.built_model
    margins = {table_margin(number): event.expression for number, event in enumerate(table_ends(model))}
    model.update_processed_variables(margins)
    simulation.solver.output_variables = [*chosen, *margins]


def check_tables(solution: pybamm.Solution) -> None:
    """Check every point of a solution. PyBaMM looks at the first and the last one only, and merely warns.

    Raises:
        LeftTablesError: names the tables that the run left; beyond their ends PyBaMM makes the numbers up.
    """
    left = {name for name, margin in _smallest_margins(solution) if margin < -TABLE_TOLERANCE}
    if left:
        raise LeftTablesError(left_tables(sorted(left)))


def _smallest_margins(solution: pybamm.Solution) -> Iterator[tuple[str, float]]:
    if solution.variables_returned:
        for number, event in enumerate(table_ends(solution.all_models[0])):
            yield event.name, solution[table_margin(number)].entries.min()
        return
    for model, times, states, inputs in zip(
        solution.all_models, solution.all_ts, solution.all_ys, solution.all_inputs, strict=True
    ):
        for event in table_ends(model):
            yield event.name, np.min(event.expression.evaluate(times, np.asarray(states), inputs=inputs))


def table_ends(model: pybamm.BaseModel) -> list[pybamm.Event]:
    """Return the ends of a discretised model's tables, each positive as long as it is not reached."""
    return [event for event in model.events if event.event_type == pybamm.EventType.INTERPOLANT_EXTRAPOLATION]


def table_margin(number: int) -> str:
    """Return the name of the variable that is a table's margin."""
    return f"Margin to the end of table {number}"
