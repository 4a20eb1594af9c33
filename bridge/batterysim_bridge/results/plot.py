"""A result as a picture: voltage and current against time, or of an impedance its Nyquist plot, as SVG."""

import math
from collections.abc import Sequence

from batterysim.results import CURRENT, FREQUENCY, TIME, VOLTAGE, Column
from batterysim.spec.measured import MEASURED_OF
from batterysim_bridge.http.problem import NO_PLOT, ProblemError
from batterysim_bridge.results import svg
from batterysim_bridge.results.nyquist import nyquist_svg
from batterysim_bridge.results.selection import Selection, select
from batterysim_formats.series import Series

GAP = 20
# Slices of time that are far narrower than a pixel draw the same picture as all points.
POINTS = 20_000
MEASURED_COLOUR = "#222222"
COLOURS = {VOLTAGE: "#1f77b4", CURRENT: "#d62728"}
UNITS_OF_TIME = ((86_400.0, "d", 3 * 86_400.0), (3600.0, "h", 3 * 3600.0), (1.0, "s", 0.0))


def plot_svg(series: Series, selection: Selection, title: str) -> str:
    """Return the picture. Of the selection, the window of time and `every` count; of an impedance nothing.

    Measured data are drawn over what they are compared with, dashed.

    Raises:
        ProblemError: the result has no voltage and current against time, and is no impedance.
    """
    if FREQUENCY.name in series.names:
        return nyquist_svg(series, title)
    wanted = (TIME, VOLTAGE, CURRENT)
    if missing := [column.name for column in wanted if column.name not in series.names]:
        raise ProblemError(NO_PLOT, f"the result has no {' and no '.join(map(repr, missing))}")
    data = [column for column in map(_measured, wanted[1:]) if column.name in series.names]
    names = tuple(column.name for column in (*wanted, *data))
    rows = [
        dict(zip(names, row, strict=True))
        for batch in select(series, selection._replace(variables=names, points=POINTS)).batches()
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        if all(map(math.isfinite, row[: len(wanted)]))
    ]
    return _over_time(rows, wanted[1:], data, title)


def _measured(column: Column) -> Column:
    return MEASURED_OF[column.name]


def _over_time(
    rows: Sequence[dict[str, float]], panels: Sequence[Column], data: Sequence[Column], title: str
) -> str:
    divisor, unit = _unit_of([row[TIME.name] for row in rows])
    horizontal = svg.axis(
        [row[TIME.name] / divisor for row in rows], svg.LEFT, svg.WIDTH - svg.RIGHT, margin=0.0
    )
    panel_height = (svg.HEIGHT - svg.TOP - svg.BOTTOM - GAP) / len(panels)
    parts = []
    for number, column in enumerate(panels):
        top = svg.TOP + number * (panel_height + GAP)
        names = [drawn.name for drawn in (column, _measured(column)) if drawn is column or drawn in data]
        curves = [_points(rows, name, divisor) for name in names]
        vertical = svg.axis([y for _, ys in curves for y in ys], top + panel_height, top, margin=0.05)
        parts += svg.panel(horizontal, vertical, column.name)
        for (times, values), colour in zip(curves, (COLOURS[column], MEASURED_COLOUR), strict=False):
            parts.append(
                svg.curve(horizontal, vertical, times, values, colour, dash=colour == MEASURED_COLOUR)
            )
    parts += svg.lower_axis(horizontal, f"Time [{unit}]")
    note = "positive current discharges" + ("; dashed: measured" if data else "")
    parts.append(svg.text(svg.WIDTH - svg.RIGHT, svg.HEIGHT - 10, note, anchor="end", size=10))
    return svg.picture(title, "voltage and current against time", parts)


def _points(rows: Sequence[dict[str, float]], name: str, divisor: float) -> tuple[list[float], list[float]]:
    """Return the times and values of a column, where it has any."""
    points = [(row[TIME.name] / divisor, row[name]) for row in rows if math.isfinite(row[name])]
    return [time for time, _ in points], [value for _, value in points]


def _unit_of(times: Sequence[float]) -> tuple[float, str]:
    longest = max(times, default=0.0)
    return next((divisor, unit) for divisor, unit, beginning in UNITS_OF_TIME if longest >= beginning)
