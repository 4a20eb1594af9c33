"""The axes and curves of a plot of results, for one run or for several."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from batterysim.results import CURRENT, FREQUENCY, IMAGINARY_IMPEDANCE, REAL_IMPEDANCE, TIME, VOLTAGE

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
            Panel(TIME.name, column, [_curve(name, table, TIME.name, column) for name, table in over_time])
            for column in wanted
        ]
    if impedances:
        panels.append(_nyquist(impedances))
    return panels


def _nyquist(results: Sequence[tuple[str, "pa.Table"]]) -> Panel:
    curves = [_curve(name, table, REAL_IMPEDANCE.name, IMAGINARY_IMPEDANCE.name) for name, table in results]
    downwards = [Curve(label, x, [-value for value in y]) for label, x, y in curves]
    return Panel(REAL_IMPEDANCE.name, f"-{IMAGINARY_IMPEDANCE.name}", downwards)


def _curve(label: str, table: "pa.Table", x: str, y: str) -> Curve:
    return Curve(label, table[x].to_pylist(), table[y].to_pylist())
