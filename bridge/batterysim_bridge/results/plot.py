"""A result as a picture: voltage and current against time, or of an impedance its Nyquist plot, as SVG."""

import math
from collections.abc import Sequence

from batterysim.results import CURRENT, FREQUENCY, TIME, VOLTAGE, Column
from batterysim_bridge.http.problem import NO_PLOT, ProblemError
from batterysim_bridge.results import svg
from batterysim_bridge.results.nyquist import nyquist_svg
from batterysim_bridge.results.selection import Selection, select
from batterysim_formats.series import Series

GAP = 20
# Slices of time that are far narrower than a pixel draw the same picture as all points.
POINTS = 20_000
COLOURS = {VOLTAGE: "#1f77b4", CURRENT: "#d62728"}
UNITS_OF_TIME = ((86_400.0, "d", 3 * 86_400.0), (3600.0, "h", 3 * 3600.0), (1.0, "s", 0.0))


def plot_svg(series: Series, selection: Selection, title: str) -> str:
    """Return the picture. Of the selection, the window of time and `every` count; of an impedance nothing.

    Raises:
        ProblemError: the result has no voltage and current against time, and is no impedance.
    """
    if FREQUENCY.name in series.names:
        return nyquist_svg(series, title)
    wanted = (TIME, VOLTAGE, CURRENT)
    if missing := [column.name for column in wanted if column.name not in series.names]:
        raise ProblemError(NO_PLOT, f"the result has no {' and no '.join(map(repr, missing))}")
    narrowed = selection._replace(variables=tuple(column.name for column in wanted), points=POINTS)
    rows = [
        row
        for batch in select(series, narrowed).batches()
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        if all(map(math.isfinite, row))
    ]
    times, volts, amperes = ([row[index] for row in rows] for index in range(3))
    return _over_time(times, {VOLTAGE: volts, CURRENT: amperes}, title)


def _over_time(times: Sequence[float], panels: dict[Column, list[float]], title: str) -> str:
    divisor, unit = _unit_of(times)
    scaled = [time / divisor for time in times]
    horizontal = svg.axis(scaled, svg.LEFT, svg.WIDTH - svg.RIGHT, margin=0.0)
    panel_height = (svg.HEIGHT - svg.TOP - svg.BOTTOM - GAP) / len(panels)
    parts = []
    for number, (column, values) in enumerate(panels.items()):
        top = svg.TOP + number * (panel_height + GAP)
        vertical = svg.axis(values, top + panel_height, top, margin=0.05)
        parts += svg.panel(horizontal, vertical, column.name)
        parts.append(svg.curve(horizontal, vertical, scaled, values, COLOURS[column]))
    parts += svg.lower_axis(horizontal, f"Time [{unit}]")
    note = "positive current discharges"
    parts.append(svg.text(svg.WIDTH - svg.RIGHT, svg.HEIGHT - 10, note, anchor="end", size=10))
    return svg.picture(title, "voltage and current against time", parts)


def _unit_of(times: Sequence[float]) -> tuple[float, str]:
    longest = max(times, default=0.0)
    return next((divisor, unit) for divisor, unit, beginning in UNITS_OF_TIME if longest >= beginning)
