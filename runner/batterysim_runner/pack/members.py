"""The cells of a pack: what each has of its own."""

from collections.abc import Hashable, Mapping
from typing import NamedTuple

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim.spec.cell import Cell
from batterysim.spec.pack import Pack, PackCell, cell_name

CUT = 3.0
"""Draws further from the mean than this many standard deviations are drawn again."""


class Member(NamedTuple):
    """One cell of a pack.

    name: such as s1p2.
    cell: the pack's cell in this one's state at the start.
    parameters: this cell's numbers where they are not the pack's, by PyBaMM's name.
    connection_ohms: between the cell and its busbars.
    """

    name: str
    cell: Cell
    parameters: Mapping[str, float]
    connection_ohms: float

    @property
    def likeness(self) -> Hashable:
        """What equal cells have in common."""
        return frozenset(self.parameters.items()), self.cell.initial_state_of_charge


def pack_members(pack: Pack, cell: Cell, parameters: pybamm.ParameterValues) -> list[list[Member]]:
    """Return the cells of each module; equal packs have equal cells.

    parameters: the pack's, which the spread is around.
    """
    factors = _factors(pack)
    particular = {entry.name: entry for entry in pack.cells}
    modules = []
    for series in range(pack.series_count):
        module = []
        for parallel in range(pack.parallel_count):
            name = cell_name(series + 1, parallel + 1)
            drawn = {
                parameter: parameters[parameter] * float(factor[series, parallel])
                for parameter, factor in factors.items()
            }
            module.append(_member(name, pack, cell, drawn, particular.get(name)))
        modules.append(module)
    return modules


def _member(name: str, pack: Pack, cell: Cell, drawn: dict[str, float], own: PackCell | None) -> Member:
    ohms = pack.connection_resistance_ohms
    if own is None:
        return Member(name, cell, drawn, ohms)
    if own.initial_state_of_charge is not None:
        state = {
            "initial_state_of_charge": own.initial_state_of_charge,
            "initial_volts": None,
            "initial_stoichiometry": None,
        }
        cell = cell.model_copy(update=state)
    if own.connection_resistance_ohms is not None:
        ohms = own.connection_resistance_ohms
    return Member(name, cell, drawn | own.parameters, ohms)


def _factors(pack: Pack) -> dict[str, NDArray[np.float64]]:
    """Draw what each parameter is multiplied by, shape (series, parallel)."""
    generator = np.random.default_rng(pack.seed)
    shape = (pack.series_count, pack.parallel_count)
    return {
        spread.parameter: 1 + spread.relative_standard_deviation * _cut_normal(generator, shape)
        for spread in pack.spread
    }


def _cut_normal(generator: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float64]:
    draws = generator.standard_normal(shape)
    while (outside := np.abs(draws) > CUT).any():
        draws[outside] = generator.standard_normal(int(outside.sum()))
    return draws
