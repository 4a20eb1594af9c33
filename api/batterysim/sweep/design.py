"""The points of a sweep: which values are combined."""

from typing import Annotated

from pydantic import Field

from batterysim.contract import Contract, exactly_one
from batterysim.spec.documents.reference import ConfigMapKeyReference
from batterysim.spec.number import WHOLE_NUMBER

MAX_POINTS = 10_000_000
MAX_LATIN_HYPERCUBE_POINTS = 100_000
"""All of its points are computed at once, in each pod."""

MAX_CSV_CHARACTERS = 200_000

Seed = Annotated[int, Field(ge=0, le=2**53), WHOLE_NUMBER]
Points = Annotated[int, Field(ge=1, le=MAX_POINTS), WHOLE_NUMBER]


class Grid(Contract):
    """Every value of each variation with every value of all others."""


class Zip(Contract):
    """The first values of all variations, then the second ones, and so on: all have the same number."""


class Random(Contract):
    """Independent random points. More points with the same seed keep the old ones."""

    points: Points
    """Number of points."""
    seed: Seed = 0
    """Equal seeds give equal points."""


class LatinHypercube(Contract):
    """Random points that fill each variation's range evenly. A larger number of points gives other points."""

    points: Annotated[int, Field(ge=1, le=MAX_LATIN_HYPERCUBE_POINTS), WHOLE_NUMBER]
    """Number of points."""
    seed: Seed = 0
    """Equal seeds give equal points."""


class Sobol(Contract):
    """A scrambled Sobol sequence, which fills the space more evenly than random points. More points with the
    same seed keep the old ones."""

    points: Points
    """Number of points; a power of two, such as 1024, fills the space most evenly."""
    seed: Seed = 0
    """Equal seeds give equal points."""


class Saltelli(Contract):
    """The points that Sobol's sensitivity indices need: each base sample gives one point for each variation
    and two more."""

    base_samples: Annotated[int, Field(ge=2, le=MAX_POINTS // 4), WHOLE_NUMBER]
    """Number of base samples, a power of two such as 256."""
    seed: Seed = 0
    """Equal seeds give equal points."""


class Morris(Contract):
    """Trajectories through a coarse grid of each variation's range, for a ranking with few points: in each
    trajectory, every variation changes once, one after the other. More trajectories keep the old ones."""

    trajectories: Annotated[int, Field(ge=2, le=MAX_POINTS // 2), WHOLE_NUMBER]
    """Number of trajectories, such as 20. Each gives one point for each variation and one more."""
    levels: Annotated[int, Field(ge=2, le=100, multiple_of=2), WHOLE_NUMBER] = 4
    """Number of values of each variation, an even number. A step is levels / (2 (levels - 1)) of the range:
    two thirds of it for 4."""
    seed: Seed = 0
    """Equal seeds give equal points."""


class Table(Contract):
    """Points that are written down, or that another program has chosen."""

    rules = (exactly_one("csv", "config_map_key_ref"),)

    # The API server's limit only: what comes from a ConfigMap is put here, too, and may be longer.
    csv: Annotated[str, Field(min_length=1, json_schema_extra={"maxLength": MAX_CSV_CHARACTERS})] | None = (
        None
    )
    """A line of headings, each the path of a field or the name of a parameter, then a line for each point."""
    config_map_key_ref: ConfigMapKeyReference | None = None
    """Where the CSV is."""


class Design(Contract):
    """The points of a sweep."""

    rules = (exactly_one("grid", "zip", "random", "latin_hypercube", "sobol", "saltelli", "morris", "table"),)

    grid: Grid | None = None
    """Every value with every other: `grid: {}`."""
    zip: Zip | None = None
    """The values of all variations in step: `zip: {}`."""
    random: Random | None = None
    """Independent random points."""
    latin_hypercube: LatinHypercube | None = None
    """Random points that fill each range evenly."""
    sobol: Sobol | None = None
    """A Sobol sequence."""
    saltelli: Saltelli | None = None
    """The points for Sobol's sensitivity indices."""
    morris: Morris | None = None
    """The points for Morris's elementary effects."""
    table: Table | None = None
    """Points from a CSV, without spec.vary."""

    @property
    def is_sampled(self) -> bool:
        """Whether the design chooses values itself; otherwise each variation has its own list of values."""
        return self.grid is None and self.zip is None and self.table is None
