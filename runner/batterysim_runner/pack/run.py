"""A pack of cells, solved together with the circuit between them."""

from collections.abc import Sequence

import numpy as np
import pybamm

from batterysim.catalogue import parameter_names
from batterysim.catalogue.prescription import Prescription
from batterysim.checks.pack import pack_parameter_problems
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.results import DEFAULT_COLUMNS, STATE_OF_CHARGE, TIME, VOLTAGE, EndReason
from batterysim.spec.pack import Pack
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.model.equations import build_model, build_simulation
from batterysim_runner.model.series import Observables
from batterysim_runner.model.solver import solver_for
from batterysim_runner.model.variables import observables
from batterysim_runner.pack.cell import CELL_CURRENT, CellEquations, cell_equations
from batterysim_runner.pack.heat import take_heat
from batterysim_runner.pack.members import Member, pack_members
from batterysim_runner.pack.model import Control, build_pack_model
from batterysim_runner.pack.placement import ConnectedCell
from batterysim_runner.pack.stack import STACK, StackedObservables
from batterysim_runner.protocols.grid import TimeGrid, time_grid
from batterysim_runner.protocols.pieces import follow
from batterysim_runner.protocols.profile import function_of_time
from batterysim_runner.report.cell_columns import CELL_VARIABLES, EXTREMES, cell_column
from batterysim_runner.report.trace import C_RATE, HEATING, Series, Trace
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
    _refuse(_parameter_problems(spec, pack, parameters))
    members = pack_members(pack, spec.cell, parameters)
    names = [member.name for module in members for member in module]
    modules, of_a_cell = _build_cells(spec, parameters, members)
    of_each_cell = _of_each_cell(spec, of_a_cell)
    wanted = _wanted(names, of_each_cell, of_a_cell)
    grid = time_grid(prescription, spec.output)
    _refuse(_size_problems(grid, wanted))
    control = _control(prescription, pack, parameters)
    model = build_pack_model(modules, pack, control, of_each_cell, wanted.names)
    values, end_reason, failure = follow(_simulation(spec, model), grid, run_clock, wanted)
    return Trace(
        values,
        grid.in_output(values[TIME.name]),
        end_reason,
        columns=wanted.columns,
        current_is_given=control.current_is_given,
        limiting_cell=_limiting_cell(values, names, end_reason),
        halves=grid.halving(values[TIME.name]),
        failure=failure,
    )


def _build_cells(
    spec: BatterySimulationSpec, parameters: pybamm.ParameterValues, members: list[list[Member]]
) -> tuple[list[list[ConnectedCell]], Observables]:
    """Return the equations of all cells, and what can be observed of each. Equal cells share theirs."""
    built: dict[object, CellEquations] = {}
    for member in (member for module in members for member in module):
        if member.likeness not in built:
            built[member.likeness], of_a_cell = _build_cell(spec, parameters, member)
    modules = [
        [ConnectedCell(member.name, built[member.likeness], member.connection_ohms) for member in module]
        for module in members
    ]
    return modules, of_a_cell


def _build_cell(
    spec: BatterySimulationSpec, parameters: pybamm.ParameterValues, member: Member
) -> tuple[CellEquations, Observables]:
    own_spec = spec.model_copy(update={"cell": member.cell})
    own_parameters = parameters.copy()
    own_parameters.update(dict(member.parameters), strict=True)
    model = build_model(own_spec)
    if spec.pack is not None and spec.pack.neighbour_conductance_watts_per_kelvin is not None:
        take_heat(model)
    simulation = build_simulation(own_spec, model, own_parameters)
    # Not before: the state at the start is found without a current.
    simulation.parameter_values.update({parameter_names.CURRENT: pybamm.InputParameter(CELL_CURRENT)})
    of_a_cell = observables(own_spec, model)
    return cell_equations(simulation, of_a_cell.names), of_a_cell


def _of_each_cell(spec: BatterySimulationSpec, of_a_cell: Observables) -> list[str]:
    """Return the variables that the result has of each cell: the default ones, then the spec's."""
    known = [name for name in CELL_VARIABLES if name in of_a_cell.names]
    return list(dict.fromkeys(known + spec.output.variables))


def _wanted(cells: Sequence[str], of_each_cell: Sequence[str], of_a_cell: Observables) -> StackedObservables:
    """Return the result's columns, those of the pack as a whole first, and what its summary needs."""
    whole = [column for column in DEFAULT_COLUMNS if column in of_a_cell.columns]
    own = [cell_column(cell, name) for cell in cells for name in of_each_cell]
    columns = (*whole, *EXTREMES, *own)
    for_summary = [name for name in (C_RATE, HEATING) if name in of_a_cell.names]
    return StackedObservables(columns, (*(column.name for column in columns), *for_summary))


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


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidSpecError(problems)


def _parameter_problems(
    spec: BatterySimulationSpec, pack: Pack, parameters: pybamm.ParameterValues
) -> list[Problem]:
    """Check the names once more: those of a BPX file only PyBaMM knows."""
    known = {name: value if isinstance(value, int | float) else None for name, value in parameters.items()}
    return pack_parameter_problems(pack, spec.cell, known)


def _size_problems(grid: TimeGrid, wanted: Observables) -> list[Problem]:
    points, columns = len(grid.integration), len(wanted.names)
    if points * columns <= MAX_NUMBERS:
        return []
    message = (
        f"{points} points of {columns} columns are more than {MAX_NUMBERS} numbers: ask for fewer points or "
        "variables, or make the protocol shorter or the pack smaller"
    )
    return [Problem(FailureReason.INVALID_SPEC, "spec.output", message)]


def _limiting_cell(values: Series, cells: Sequence[str], end_reason: EndReason) -> str | None:
    """Return the cell that ended the run, where one did and its series tell."""
    if end_reason not in _LIMITS:
        return None
    variable, furthest = _LIMITS[end_reason]
    return cells[int(furthest([values[cell_column(cell, variable).name][-1] for cell in cells]))]
