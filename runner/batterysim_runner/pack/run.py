"""A pack of cells, solved together with the circuit between them."""

from collections.abc import Sequence

import numpy as np
import pybamm

from batterysim.catalogue import parameter_names
from batterysim.catalogue.prescription import Prescription
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.results import STATE_OF_CHARGE, TIME, VOLTAGE, EndReason
from batterysim.spec.pack import Pack
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.model.series import Observables
from batterysim_runner.model.solver import solver_for
from batterysim_runner.pack.model import Control, build_pack_model
from batterysim_runner.pack.parts import pack_parts
from batterysim_runner.pack.stack import STACK
from batterysim_runner.protocols.grid import TimeGrid, time_grid
from batterysim_runner.protocols.pieces import follow, integrand_of
from batterysim_runner.protocols.profile import function_of_time
from batterysim_runner.report.cell_columns import cell_column
from batterysim_runner.report.trace import Series, Trace
from batterysim_runner.run_clock import RunClock

MAX_NUMBERS = 10_000_000
"""Points times columns. They are all in memory, 8 bytes each and more than once."""

_LIMITS = {
    EndReason.LOWER_CUT_OFF: (VOLTAGE.name, np.argmin),
    EndReason.UPPER_CUT_OFF: (VOLTAGE.name, np.argmax),
    EndReason.EMPTY: (STATE_OF_CHARGE.name, np.argmin),
    EndReason.FULL: (STATE_OF_CHARGE.name, np.argmax),
}
"""Which variable of the cells tells who came to a limit first."""


def solve_pack(
    spec: BatterySimulationSpec,
    pack: Pack,
    prescription: Prescription,
    parameters: pybamm.ParameterValues,
    run_clock: RunClock,
) -> Trace:
    """Follow what is set at the pack's terminals: to its end, or until the first cell is at a limit.

    parameters: of the cell that the pack is made of.

    Raises:
        InvalidSpecError: a parameter is unknown, or the result would have too many numbers.
        pybamm.SolverError: the equations cannot be solved, or a cell is past a limit at time 0.
    """
    parts = pack_parts(spec, pack, parameters)
    wanted = parts.wanted
    grid = time_grid(prescription, spec.output)
    if problems := _size_problems(grid, wanted):
        raise InvalidSpecError(problems)
    control = _control(prescription, pack, parameters)
    model = build_pack_model(parts.modules, pack, control, parts.of_each_cell, wanted.names)
    simulation = _simulation(spec, model)
    course, grid = follow(simulation, grid, run_clock, wanted)
    values, end_reason, failure, _ = course
    return Trace(
        values,
        grid.in_output(values[TIME.name]),
        end_reason,
        columns=wanted.columns,
        current_is_given=control.current_is_given,
        limiting_cell=limiting_cell(values, parts.names, end_reason),
        halves=grid.halving(values[TIME.name]),
        integrand=integrand_of(simulation, grid, run_clock, wanted, course),
        failure=failure,
    )


def _control(prescription: Prescription, pack: Pack, parameters: pybamm.ParameterValues) -> Control:
    """Return what is set at the terminals. A C-rate of 1 empties a module's nominal capacity in an hour."""
    one_c_amperes = parameters[parameter_names.NOMINAL_CAPACITY] * pack.parallel_count
    value = pybamm.convert_to_symbol(function_of_time(prescription, one_c_amperes))
    guess_amperes = 0.0
    if prescription.quantity == "Power":
        middle = (parameters[parameter_names.LOWER_CUT_OFF] + parameters[parameter_names.UPPER_CUT_OFF]) / 2
        guess_amperes = np.asarray(value.evaluate(t=0.0)).item() / (middle * pack.series_count)
    return Control(prescription.quantity, value, guess_amperes)


def _simulation(spec: BatterySimulationSpec, model: pybamm.BaseModel) -> pybamm.Simulation:
    solver = solver_for(spec)
    # Without it PyBaMM keeps all states of all cells at each point, which can be gigabytes.
    solver.output_variables = [STACK]
    return pybamm.Simulation(model, solver=solver)


def _size_problems(grid: TimeGrid, wanted: Observables) -> list[Problem]:
    points, columns = len(grid.integration), len(wanted.names)
    if points * columns <= MAX_NUMBERS:
        return []
    message = (
        f"{points} points of {columns} columns are more than {MAX_NUMBERS} numbers: ask for fewer points or "
        "variables, or make the protocol shorter or the pack smaller"
    )
    return [Problem(FailureReason.INVALID_SPEC, "spec.output", message)]


def limiting_cell(values: Series, cells: Sequence[str], end_reason: EndReason) -> str | None:
    """Return the cell that ended the run, where one did and its series tell."""
    if end_reason not in _LIMITS:
        return None
    variable, furthest = _LIMITS[end_reason]
    return cells[int(furthest([values[cell_column(cell, variable).name][-1] for cell in cells]))]
