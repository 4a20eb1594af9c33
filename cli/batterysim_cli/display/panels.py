"""The axes and curves of a plot of results, for one run or for several."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from batterysim.results import CURRENT, FREQUENCY, IMAGINARY_IMPEDANCE, REAL_IMPEDANCE, TIME, VOLTAGE
from batterysim.spec.measured import MEASURED_OF

if TYPE_CHECKING:
    import pyarrow as pa


class Curve(NamedTuple):
    """A line: the run's name, and its numbers."""

    label: str
    x: list[float]
    y: list[float]


class Panel(NamedTuple):
    """Axes with their labels, and a curve for each run."""

    x_label: str
    y_label: str
    curves: list[Curve]


def columns_for(variables: Sequence[str]) -> tuple[str, ...]:
    """Return the columns to fetch for these variables over time; without any, all: it may be an impedance."""
    return (TIME.name, *variables) if variables else ()


def panels_of(results: Sequence[tuple[str, "pa.Table"]], variables: Sequence[str]) -> list[Panel]:
    """Return a panel for each variable over time; of impedances, one with their Nyquist plots.

    results: names and series. variables: default: voltage and current.
    """
    impedances = [(name, table) for name, table in results if FREQUENCY.name in table.schema.names]
    over_time = [(name, table) for name, table in results if FREQUENCY.name not in table.schema.names]
    panels = []
    if over_time:
        wanted = variables or (VOLTAGE.name, CURRENT.name)
        panels = [
            Panel(
                TIME.name,
                column,
                [curve for name, table in over_time for curve in _curves(name, table, column)],
            )
            for column in wanted
        ]
    if impedances:
        panels.append(_nyquist(impedances))
    return panels


def _nyquist(results: Sequence[tuple[str, "pa.Table"]]) -> Panel:
    curves = [_curve(name, table, REAL_IMPEDANCE.name, IMAGINARY_IMPEDANCE.name) for name, table in results]
    downwards = [Curve(label, x, [-value for value in y]) for label, x, y in curves]
    return Panel(REAL_IMPEDANCE.name, f"-{IMAGINARY_IMPEDANCE.name}", downwards)


def _curves(label: str, table: "pa.Table", column: str) -> list[Curve]:
    """Return the curve of a column over time, and that of the measured data, where the table has them."""
    curves = [_curve(label, table, TIME.name, column)]
    measured = MEASURED_OF.get(column)
    if measured is not None and measured.name in table.schema.names:
        _, x, y = _curve(label, table, TIME.name, measured.name)
        points = [
            (one, other)
            for one, other in zip(x, y, strict=True)
            if other is not None and math.isfinite(other)
        ]
        curves.append(Curve(f"{label}, measured", [one for one, _ in points], [other for _, other in points]))
    return curves


def _curve(label: str, table: "pa.Table", x: str, y: str) -> Curve:
    return Curve(label, table[x].to_pylist(), table[y].to_pylist())
