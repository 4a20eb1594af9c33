"""The circuit of a pack: how currents divide, and how voltages add up.

    + ──┬── busbar ──┬── busbar ──┐
      cell 1       cell 2       cell 3        a module; its terminals are at cell 1
    - ──┴── busbar ──┴── busbar ──┘

Everything here is linear and works on numbers and on PyBaMM's symbols alike. Positive currents discharge.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

Quantity = Any
"""A float or a pybamm.Symbol, in volts or amperes."""


class Branch(NamedTuple):
    """A cell and its connection to the busbars.

    volts: at the cell's own terminals.
    amperes: through the cell.
    ohms: of the connection.
    """

    volts: Quantity
    amperes: Quantity
    ohms: float

    @property
    def busbar_volts(self) -> Quantity:
        """Voltage between the busbars where the cell is connected."""
        return self.volts - self.ohms * self.amperes


Module = Sequence[Branch]


def divide_current(total: Quantity, deviations: Sequence[Quantity]) -> list[Quantity]:
    """Return the currents of all cells of a module: an equal share, and by how much each differs from it.

    deviations: of all cells but the first, which makes up for them. So the sum is the total by construction,
        and not within a solver's tolerance.
    """
    share = total / (len(deviations) + 1)
    first = share - add_up(deviations) if deviations else share
    return [first, *(share + deviation for deviation in deviations)]


def mesh_errors(module: Module, busbar_ohms: float) -> list[Quantity]:
    """Return what Kirchhoff's voltage law wants to be zero, in volts: one for each pair of neighbours.

    The busbars between two neighbours carry the current of all cells beyond, on both sides.
    """
    errors = []
    for index in range(1, len(module)):
        error = module[index].busbar_volts - module[index - 1].busbar_volts
        if busbar_ohms > 0:
            error = error - 2 * busbar_ohms * add_up([branch.amperes for branch in module[index:]])
        errors.append(error)
    return errors


def terminal_volts(modules: Sequence[Module], total: Quantity, interconnect_ohms: float) -> Quantity:
    """Return the voltage at the pack's terminals."""
    volts = add_up([module[0].busbar_volts for module in modules])
    return volts - (len(modules) - 1) * interconnect_ohms * total


def add_up(quantities: Sequence[Quantity]) -> Quantity:
    """Add by halves: in a row, hundreds of symbols are nested too deeply for PyBaMM, which is recursive."""
    if len(quantities) == 1:
        return quantities[0]
    middle = len(quantities) // 2
    return add_up(quantities[:middle]) + add_up(quantities[middle:])
