"""A point of a sweep as its own BatterySimulation."""

from collections.abc import Mapping
from typing import Any

from batterysim import names
from batterysim.sweep.points import Listed, axes
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.table import path_below
from batterysim.sweep.values import Value, path_of, with_values


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
