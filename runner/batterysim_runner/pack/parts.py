"""The parts of a pack: its cells as PyBaMM builds them, and what the result has of them."""

from collections.abc import Sequence
from typing import NamedTuple

import pybamm

from batterysim.catalogue import parameter_names
from batterysim.checks.pack import pack_parameter_problems
from batterysim.problem import InvalidSpecError, Problem
from batterysim.results import DEFAULT_COLUMNS
from batterysim.spec.pack import Pack
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.model.equations import build_model, build_simulation
from batterysim_runner.model.series import Observables
from batterysim_runner.model.variables import observables
from batterysim_runner.pack.cell import CELL_CURRENT, CellEquations, cell_equations
from batterysim_runner.pack.heat import take_heat
from batterysim_runner.pack.members import Member, pack_members
from batterysim_runner.pack.placement import ConnectedCell
from batterysim_runner.pack.stack import StackedObservables
from batterysim_runner.report.cell_columns import CELL_VARIABLES, EXTREMES, cell_column
from batterysim_runner.report.trace import C_RATE, HEATING


class PackParts(NamedTuple):
    """What a pack is made of.

    names: of the cells, module by module.
    of_each_cell: variables that the result has of each cell, by PyBaMM's names.
    """

    pack: Pack
    names: list[str]
    modules: list[list[ConnectedCell]]
    of_each_cell: list[str]
    wanted: StackedObservables


def pack_parts(spec: BatterySimulationSpec, pack: Pack, parameters: pybamm.ParameterValues) -> PackParts:
    """Build the cells of a pack. parameters: of the cell that it is made of.

    Raises:
        InvalidSpecError: a parameter is unknown.
    """
    if problems := _parameter_problems(spec, pack, parameters):
        raise InvalidSpecError(problems)
    members = pack_members(pack, spec.cell, parameters)
    names = [member.name for module in members for member in module]
    modules, of_a_cell = _build_cells(spec, parameters, members)
    of_each_cell = _of_each_cell(spec, of_a_cell)
    return PackParts(pack, names, modules, of_each_cell, _wanted(names, of_each_cell, of_a_cell))


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


def _parameter_problems(
    spec: BatterySimulationSpec, pack: Pack, parameters: pybamm.ParameterValues
) -> list[Problem]:
    """Check the names once more: those of a BPX file only PyBaMM knows."""
    known = {name: value if isinstance(value, int | float) else None for name, value in parameters.items()}
    return pack_parameter_problems(pack, spec.cell, known)
