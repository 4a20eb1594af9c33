"""The variables of a pack, by the names of the result's columns."""

from collections.abc import Iterable, Sequence

import pybamm

from batterysim.results import (
    CELL_TEMPERATURE,
    CURRENT,
    DISCHARGE_CAPACITY,
    OPEN_CIRCUIT_VOLTAGE,
    POWER,
    STATE_OF_CHARGE,
    TIME,
    VOLTAGE,
)
from batterysim_runner.pack.circuit import add_up
from batterysim_runner.pack.placement import PlacedCell, Placement
from batterysim_runner.report.cell_columns import (
    MAX_CELL_TEMPERATURE,
    MAX_CELL_VOLTAGE,
    MIN_CELL_VOLTAGE,
    cell_column,
)
from batterysim_runner.report.trace import C_RATE, HEATING

Variables = dict[str, pybamm.Symbol]

_MEANS = (CELL_TEMPERATURE.name, STATE_OF_CHARGE.name, C_RATE)


def pack_variables(placement: Placement, volts: pybamm.Symbol, of_each_cell: Iterable[str]) -> Variables:
    """Return the variables of the pack as a whole and of each cell.

    volts: at the pack's terminals.
    of_each_cell: variables of a cell that get a name of their own in each, by PyBaMM's names.
    """
    return {
        TIME.name: pybamm.t,
        CURRENT.name: placement.total,
        VOLTAGE.name: volts,
        POWER.name: volts * placement.total,
        **_of_all_cells(placement),
        **{
            cell_column(placed.cell.name, name).name: placed.variable(name)
            for placed in placement.cells
            for name in of_each_cell
        },
    }


def _of_all_cells(placement: Placement) -> Variables:
    """Return what is a sum, a mean or an extreme; modules in series carry the same charge."""
    cells = placement.cells
    voltage, temperature = _each(cells, VOLTAGE.name), _each(cells, CELL_TEMPERATURE.name)
    variables = {
        DISCHARGE_CAPACITY.name: add_up(_each(placement.modules[0], DISCHARGE_CAPACITY.name)),
        OPEN_CIRCUIT_VOLTAGE.name: add_up(
            [_mean(_each(module, OPEN_CIRCUIT_VOLTAGE.name)) for module in placement.modules]
        ),
        MIN_CELL_VOLTAGE.name: pybamm.min(pybamm.numpy_concatenation(*voltage)),
        MAX_CELL_VOLTAGE.name: pybamm.max(pybamm.numpy_concatenation(*voltage)),
        MAX_CELL_TEMPERATURE.name: pybamm.max(pybamm.numpy_concatenation(*temperature)),
    }
    known = cells[0].cell.equations.variables
    variables |= {name: _mean(_each(cells, name)) for name in _MEANS if name in known}
    if HEATING in known:
        variables[HEATING] = add_up(_each(cells, HEATING))
    return variables


def _each(cells: Sequence[PlacedCell], name: str) -> list[pybamm.Symbol]:
    return [placed.variable(name) for placed in cells]


def _mean(symbols: Sequence[pybamm.Symbol]) -> pybamm.Symbol:
    return add_up(symbols) / len(symbols)
