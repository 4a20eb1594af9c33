"""The values of one variation: those of a list, and the ends of a range."""

from collections.abc import Mapping, Sequence
from typing import Any

from batterysim.catalogue.parameters import cell_base
from batterysim.contract import Contract
from batterysim.spec.cell import Cell
from batterysim.sweep.field_path import Path, read_path, value_at, with_value
from batterysim.sweep.variation import Interval, Variation

Value = float | str

STANDARD_DEVIATIONS = 3
"""A distribution without limits is checked this far from its middle: 99.7 % of the values are nearer."""


def path_of(variation: Variation) -> Path:
    """Return where in a spec the values go.

    Raises:
        PathError: there is no such field.
    """
    if variation.parameter is not None:
        return ("cell", "parameters", variation.parameter)
    return read_path(variation.name)


def own_value(variation: Variation, simulation: Contract) -> float | None:
    """Return the number that the simulation itself has there; None if it has none, or only PyBaMM knows."""
    raw = simulation.model_dump(by_alias=True)
    value = value_at(raw, path_of(variation))
    if value is None and variation.parameter is not None:
        cell = Cell.model_validate(raw["cell"])
        value = (cell_base(cell).defaults or {}).get(variation.parameter)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def levels(variation: Variation, own: float | None) -> Sequence[Value]:
    """Return the values of a variation in a grid, in the order in which they are written.

    own: see own_value.
    """
    if variation.words is not None:
        return variation.words
    if variation.values is not None:
        return variation.values
    interval = variation.interval
    assert interval is not None  # noqa: S101 - checked
    assert interval.points is not None  # noqa: S101 - checked
    last = interval.points - 1
    return [scaled(variation, at(interval, number / last), own) for number in range(interval.points)]


def ends(variation: Variation, own: float | None) -> Sequence[Value]:
    """Return the first and the last of a variation's values, in order of size where they are numbers."""
    if variation.words is not None:
        return variation.words[:1] + variation.words[-1:]
    if variation.values is not None:
        return [min(variation.values), max(variation.values)]
    if variation.interval is not None:
        return [scaled(variation, at(variation.interval, part), own) for part in (0.0, 1.0)]
    return _ends_of_distribution(variation)


def at(interval: Interval, part: float) -> float:
    """Return the number at a part of an interval, from 0 to 1."""
    if part in (0.0, 1.0):
        return interval.last if part else interval.first
    if interval.scale == "Log":
        return float(interval.first * (interval.last / interval.first) ** part)
    return float(interval.first + (interval.last - interval.first) * part)


def scaled(variation: Variation, number: float, own: float | None) -> float:
    """Return a number of a variation's interval as a value: a factor is multiplied by the own value."""
    if variation.factors is None:
        return number
    assert own is not None  # noqa: S101 - checked
    return number * own


def with_values(raw: Mapping[str, Any], paths: Sequence[Path], values: Sequence[Value]) -> Mapping[str, Any]:
    """Return a simulation with a point's values in it."""
    for path, value in zip(paths, values, strict=True):
        raw = with_value(raw, path, value)
    return raw


def _ends_of_distribution(variation: Variation) -> Sequence[float]:
    given = variation.distribution
    assert given is not None  # noqa: S101 - a rule
    if given.log_normal is not None:
        far = given.log_normal.factor**STANDARD_DEVIATIONS
        return [given.log_normal.median / far, given.log_normal.median * far]
    normal = given.normal
    assert normal is not None  # noqa: S101 - a rule
    far = STANDARD_DEVIATIONS * normal.standard_deviation
    low = normal.mean - far if normal.lowest is None else normal.lowest
    high = normal.mean + far if normal.highest is None else normal.highest
    return [low, high]
