"""Where the cells of a pack are among its states, and which current flows through each.

The states are the differential ones of all cells, then the algebraic ones of all cells, then the currents
that the circuit leaves open: the pack's, unless it is given, and in each module by how much each cell but the
first differs from an equal share. In a pack of equal cells these are 0 whatever the pack's current does, so
that the solver takes the steps that it takes for a single cell (docs/decisions/011-packs.md).
"""

from collections.abc import Sequence
from itertools import accumulate, count, pairwise
from typing import NamedTuple

import casadi
import pybamm

from batterysim_runner.pack.cell import CellEquations, casadi_symbol
from batterysim_runner.pack.circuit import divide_current

NO_HEAT = pybamm.Scalar(0.0)


class ConnectedCell(NamedTuple):
    """A cell of the pack: its equations, and the resistance between it and its busbars."""

    name: str
    equations: CellEquations
    connection_ohms: float


class PlacedCell(NamedTuple):
    """A cell with its states and its current, both in terms of the pack's states.

    heat: that flows into it from its neighbours, in W.
    """

    cell: ConnectedCell
    states: pybamm.StateVector
    current: pybamm.Symbol
    heat: pybamm.Symbol = NO_HEAT

    def apply(self, function: casadi.Function, what: str) -> pybamm.Symbol:
        """Return one of the cell's equations. what: tells it from the cell's other ones."""
        name = f"{what} of cell {self.cell.name}"
        return casadi_symbol(function, name, pybamm.t, self.states, self.current, self.heat)

    def variable(self, name: str) -> pybamm.Symbol:
        """Return a variable by PyBaMM's name."""
        return self.apply(self.cell.equations.variables[name], name)


class Placement(NamedTuple):
    """All cells in their places.

    modules: the cells in parallel, of each module in series.
    total: the pack's current.
    """

    modules: list[list[PlacedCell]]
    total: pybamm.Symbol

    @property
    def cells(self) -> list[PlacedCell]:
        """All cells, module by module."""
        return [cell for module in self.modules for cell in module]


def place(modules: Sequence[Sequence[ConnectedCell]], given_current: pybamm.Symbol | None) -> Placement:
    """Give each cell its place.

    given_current: the pack's current; None: it is a state.
    """
    cells = [cell.equations for module in modules for cell in module]
    differential = list(accumulate((cell.differential_count for cell in cells), initial=0))
    algebraic = list(accumulate((cell.algebraic_count for cell in cells), initial=differential[-1]))
    states = map(_state_vector, pairwise(differential), pairwise(algebraic))
    open_currents = (_state_vector((position, position + 1)) for position in count(algebraic[-1]))
    total = next(open_currents) if given_current is None else given_current
    placed = []
    for module in modules:
        currents = divide_current(total, [next(open_currents) for _ in module[1:]])
        placed.append(
            [PlacedCell(cell, next(states), current) for cell, current in zip(module, currents, strict=True)]
        )
    return Placement(placed, total)


def _state_vector(*ranges: tuple[int, int]) -> pybamm.StateVector:
    return pybamm.StateVector(*(slice(start, end) for start, end in ranges if start < end))
