"""A pack: cells in parallel form a module, modules in series form the pack.

A cell is called after its place: s2p3 is the third cell of the second module, both counted from 1.
"""

from collections import Counter
from typing import Annotated, Self

from pydantic import Field, JsonValue, model_validator

from batterysim.contract import Contract, Rule
from batterysim.spec.cell import ParameterName
from batterysim.spec.number import NUMBER, WHOLE_NUMBER, Number

MAX_CELLS = 400
"""`python -m bench.packs` measures the cost of that many cells."""

MAX_RELATIVE_STANDARD_DEVIATION = 0.3
"""Three times this is below 1, so no factor is 0 or negative."""


def _keyed(*fields: str) -> dict[str, JsonValue]:
    """Return a schema that lets the API server hold a list's entries apart by these fields."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(fields)}


Ohms = Annotated[float, Field(ge=0, le=10), NUMBER]
Position = Annotated[int, Field(ge=1, le=MAX_CELLS), WHOLE_NUMBER]


class Spread(Contract):
    """How one parameter differs from cell to cell."""

    parameter: ParameterName
    """PyBaMM's exact name, for example "Negative electrode thickness [m]"."""
    relative_standard_deviation: Annotated[float, Field(gt=0, le=MAX_RELATIVE_STANDARD_DEVIATION), NUMBER]
    """Standard deviation as a fraction of the parameter's value: 0.02 is 2 %. Each cell's value is drawn from
    a normal distribution that is cut off at three standard deviations."""


class PackCell(Contract):
    """Differences of one cell of the pack."""

    series: Position
    """Its module, from 1."""
    parallel: Position
    """Its place in the module, from 1."""
    parameters: Annotated[dict[ParameterName, Number], Field(max_length=50, default_factory=dict)]
    """Its parameters, by their exact PyBaMM name. They replace those of the pack and those drawn by
    spread."""
    initial_state_of_charge: Annotated[float, Field(ge=0, le=1), NUMBER] | None = None
    """Its state of charge at the start, instead of the state that spec.cell gives."""
    connection_resistance_ohms: Ohms | None = None
    """Resistance of its connection, instead of the pack's."""

    @property
    def name(self) -> str:
        """The cell's name."""
        return cell_name(self.series, self.parallel)


def _outside(pack: "Pack") -> PackCell | None:
    """Return the first entry for a cell that the pack does not have."""
    return next(
        (c for c in pack.cells if c.series > pack.series_count or c.parallel > pack.parallel_count), None
    )


def _explain_outside(pack: "Pack") -> str:
    cell = _outside(pack)
    return (
        f"cells has {cell.name if cell else ''}, which is not in a pack of {pack.series_count} in series and "
        f"{pack.parallel_count} in parallel: correct its place or the pack's counts"
    )


class Pack(Contract):
    """A pack of spec.cell: seriesCount modules in series, each of parallelCount cells in parallel.

    All cells and the circuit between them are solved together.
    """

    rules = (
        Rule(
            f"self.seriesCount * self.parallelCount <= {MAX_CELLS}",
            f"seriesCount times parallelCount must be at most {MAX_CELLS}",
            lambda pack: pack.cell_count <= MAX_CELLS,
            lambda pack: (
                f"{pack.series_count} in series times {pack.parallel_count} in parallel are "
                f"{pack.cell_count} cells; seriesCount times parallelCount must be at most {MAX_CELLS}"
            ),
        ),
        Rule(
            "!has(self.cells) || self.cells.all(cell,"
            " cell.series <= self.seriesCount && cell.parallel <= self.parallelCount)",
            "each of cells must be in the pack: series at most seriesCount, parallel at most parallelCount",
            lambda pack: _outside(pack) is None,
            _explain_outside,
        ),
    )

    series_count: Position = 1
    """Number of modules in series."""
    parallel_count: Position = 1
    """Number of cells in parallel in each module."""
    connection_resistance_ohms: Ohms = 0.0
    """Resistance between each cell and its busbars, both ends together."""
    busbar_resistance_ohms: Ohms = 0.0
    """Resistance of each piece of busbar between two cells that are next to each other in a module. There is
    one on the positive and one on the negative side; the module's terminals are both at its first cell."""
    interconnect_resistance_ohms: Ohms = 0.0
    """Resistance between a module and the next one."""
    neighbour_conductance_watts_per_kelvin: Annotated[float, Field(gt=0, le=1000), NUMBER] | None = None
    """Heat that flows between two neighbouring cells, for each K between them. Neighbours are next to each
    other in a module, or in the same place of a module and the next one. The model's option thermal must be
    lumped. Default: no heat flows between cells."""
    spread: Annotated[
        list[Spread], Field(max_length=20, default_factory=list, json_schema_extra=_keyed("parameter"))
    ]
    """Parameters that differ from cell to cell at random, each drawn independently of the others."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1), WHOLE_NUMBER] = 0
    """Seed of the random numbers: equal seeds, equal packs."""
    cells: Annotated[
        list[PackCell],
        Field(
            max_length=MAX_CELLS,
            default_factory=list,
            json_schema_extra=_keyed("series", "parallel"),
        ),
    ]
    """Cells with a known difference from the others, at most one entry per cell."""

    @model_validator(mode="after")
    def _everything_once(self) -> Self:
        for field, names in (
            ("cells", [cell.name for cell in self.cells]),
            ("spread", [spread.parameter for spread in self.spread]),
        ):
            if twice := [name for name, times in Counter(names).items() if times > 1]:
                raise ValueError(f"{field} has {twice[0]} more than once: keep one entry")
        return self

    @property
    def cell_count(self) -> int:
        """Number of cells."""
        return self.series_count * self.parallel_count


def cell_name(series: int, parallel: int) -> str:
    """Return the name of the cell at this place, both counted from 1."""
    return f"s{series}p{parallel}"
