"""Heat between the cells of a pack: from each cell to its neighbours.

s1p1 -- s1p2 -- s1p3        the cells stand as the circuit is drawn: those of a module in a row, and the
 |       |       |          modules behind each other
s2p1 -- s2p2 -- s2p3
"""

from collections.abc import Iterator

import pybamm

from batterysim.results import CELL_TEMPERATURE
from batterysim_runner.cell.state_of_charge import CIRCUIT
from batterysim_runner.pack.cell import CELL_HEAT
from batterysim_runner.pack.circuit import add_up
from batterysim_runner.pack.placement import PlacedCell, Placement

CELL_KELVIN = "Volume-averaged cell temperature [K]"


def take_heat(model: pybamm.BaseModel) -> None:
    """Let the input CELL_HEAT warm a cell whose model has one temperature."""
    heat = pybamm.InputParameter(CELL_HEAT)
    if CIRCUIT in model.variables:
        temperature = model.variables["Cell temperature [degC]"]
        capacity = pybamm.Parameter("Cell thermal mass [J/K]")
    else:
        temperature = model.variables[CELL_KELVIN]
        capacity = (
            model.variables["Cell thermal volume [m3]"]
            * model.variables["Volume-averaged effective heat capacity [J.K-1.m-3]"]
        )
    model.rhs[temperature] += heat / capacity


def with_heat(placement: Placement, watts_per_kelvin: float) -> Placement:
    """Return the cells with the heat that flows into each from its neighbours."""
    modules = placement.modules
    # The temperature is a state, on which the heat has no influence at once.
    kelvin = [[placed.variable(CELL_TEMPERATURE.name) for placed in module] for module in modules]

    def warmed(row: int, column: int) -> PlacedCell:
        own = kelvin[row][column]
        flows = [
            watts_per_kelvin * (kelvin[r][c] - own)
            for r, c in _neighbours(row, column, len(modules), len(modules[0]))
        ]
        placed = modules[row][column]
        return placed._replace(heat=add_up(flows)) if flows else placed

    return placement._replace(
        modules=[[warmed(row, column) for column in range(len(modules[row]))] for row in range(len(modules))]
    )


def _neighbours(row: int, column: int, rows: int, columns: int) -> Iterator[tuple[int, int]]:
    for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
        if 0 <= r < rows and 0 <= c < columns:
            yield r, c
