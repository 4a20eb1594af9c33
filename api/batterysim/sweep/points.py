"""The number of a sweep's points, those that are combinations of written values, and each as a simulation."""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from batterysim import names
from batterysim.sweep.field_path import Path
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.table import path_below, read_table
from batterysim.sweep.values import Value, levels, own_value, path_of, with_values


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


def is_written_down(spec: BatterySweepSpec) -> bool:
    """Tell whether the values of the points are in the spec itself: no design has chosen them."""
    table = spec.design.table
    return table.csv is not None if table is not None else not spec.design.is_sampled


def written_values(spec: BatterySweepSpec, number: int) -> dict[str, Value]:
    """Return the values of a point that is written down, by the names of what varies.

    Raises:
        IndexError: there is no such point.
    """
    listed = Listed(spec)
    if number >= listed.count:
        raise IndexError(f"the sweep has {listed.count} points, counted from 0: there is no {number}")
    return dict(zip((axis.name for axis in axes(spec)), listed.values(number), strict=True))


def point_manifest(
    spec: BatterySweepSpec, sweep_name: str, number: int, values: Mapping[str, Value]
) -> dict[str, Any]:
    """Return the BatterySimulation of a point.

    values: by the names of what varies, as in the point's row.
    """
    varied = {variation.name: path_of(variation) for variation in spec.vary}
    paths = [varied[name] if name in varied else path_below(name) for name in values]
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"name": f"{sweep_name}-{number}"},
        "spec": with_values(spec.simulation.to_json_dict(), paths, list(values.values())),
    }
