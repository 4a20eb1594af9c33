"""The number of a sweep's points, and those that are combinations of written values."""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from batterysim.sweep.field_path import Path
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.table import read_table
from batterysim.sweep.values import Value, levels, own_value, path_of


class Axis(NamedTuple):
    """A column of a sweep's table that varies, and where its values go in a spec."""

    name: str
    path: Path


class Listed:
    """The points of a design that chooses no values itself: a grid, a zip or a table."""

    def __init__(self, spec: BatterySweepSpec) -> None:
        self._spec = spec

    def values(self, number: int) -> tuple[Value, ...]:
        """Return the values of a point, counted from 0. In a grid the last variation changes the fastest."""
        if self._rows is not None:
            return self._rows[number]
        found: list[Value] = []
        for column in reversed(self._columns):
            if self._spec.design.zip is not None:
                found.append(column[number])
                continue
            number, place = divmod(number, len(column))
            found.append(column[place])
        return tuple(reversed(found))

    @cached_property
    def count(self) -> int:
        """Number of points."""
        if self._rows is not None:
            return len(self._rows)
        lengths = [len(column) for column in self._columns]
        return lengths[0] if self._spec.design.zip is not None else math.prod(lengths)

    @cached_property
    def _rows(self) -> Sequence[tuple[Value, ...]] | None:
        table = self._spec.design.table
        return None if table is None or table.csv is None else read_table(table.csv).rows

    @cached_property
    def _columns(self) -> list[Sequence[Value]]:
        simulation = self._spec.simulation
        return [levels(variation, own_value(variation, simulation)) for variation in self._spec.vary]


def axes(spec: BatterySweepSpec) -> list[Axis]:
    """Return the columns that vary. A table that is still in a ConfigMap has none."""
    if (table := spec.design.table) is not None:
        read = None if table.csv is None else read_table(table.csv)
        return [] if read is None else [Axis(*pair) for pair in zip(read.names, read.paths, strict=True)]
    return [Axis(variation.name, path_of(variation)) for variation in spec.vary]


def count_points(spec: BatterySweepSpec) -> int:
    """Return the number of points. A table that is still in a ConfigMap counts as none."""
    design = spec.design
    if design.saltelli is not None:
        return design.saltelli.base_samples * (len(spec.vary) + 2)
    if design.morris is not None:
        return design.morris.trajectories * (len(spec.vary) + 1)
    for sampled in (design.random, design.latin_hypercube, design.sobol):
        if sampled is not None:
            return sampled.points
    if design.table is not None and design.table.csv is None:
        return 0
    return Listed(spec).count
