"""A result as a picture: voltage and current against time, drawn as SVG."""

import math
from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from batterysim.results import CURRENT, TIME, VOLTAGE, Column
from batterysim_bridge.http.problem import NO_PLOT, ProblemError
from batterysim_bridge.results.selection import Selection, select
from batterysim_formats.series import Series

WIDTH, HEIGHT = 800, 520
LEFT, RIGHT, TOP, BOTTOM, GAP = 70, 20, 40, 50, 20
# Slices of time that are far narrower than a pixel draw the same picture as all points.
POINTS = 20_000
TICKS = 6
COLOURS = {VOLTAGE: "#1f77b4", CURRENT: "#d62728"}
UNITS_OF_TIME = ((86_400.0, "d", 3 * 86_400.0), (3600.0, "h", 3 * 3600.0), (1.0, "s", 0.0))


class Axis(NamedTuple):
    """A range of values, and where it is on the picture."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Return the coordinate of a value, in pixels."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Return round values between the ends, about TICKS of them."""
        raw = (self.high - self.low) / TICKS
        magnitude = 10.0 ** math.floor(math.log10(raw))
        step = next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= raw)
        first = math.ceil(self.low / step - 1e-9)
        return [number * step for number in range(first, math.floor(self.high / step + 1e-9) + 1)]


def plot_svg(series: Series, selection: Selection, title: str) -> str:
    """Return the picture. Of the selection, the window of time and `every` count.

    Raises:
        ProblemError: the result has no voltage and current against time.
    """
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
    return _picture(times, {VOLTAGE: volts, CURRENT: amperes}, title)


def _picture(times: Sequence[float], panels: dict[Column, list[float]], title: str) -> str:
    divisor, unit = _unit_of(times)
    scaled = [time / divisor for time in times]
    horizontal = _axis(scaled, LEFT, WIDTH - RIGHT, margin=0.0)
    panel_height = (HEIGHT - TOP - BOTTOM - GAP) / len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="DejaVu Sans, sans-serif" font-size="12" fill="#222">',
        f"<title>{escape(title)}: voltage and current against time</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(WIDTH / 2, 24, title, size=15),
    ]
    for number, (column, values) in enumerate(panels.items()):
        top = TOP + number * (panel_height + GAP)
        vertical = _axis(values, top + panel_height, top, margin=0.05)
        parts += _panel(horizontal, vertical, column)
        parts.append(_curve(horizontal, vertical, scaled, values, COLOURS[column]))
    for tick in horizontal.ticks():
        parts.append(_text(horizontal.place(tick), HEIGHT - BOTTOM + 18, f"{tick:.6g}"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, f"Time [{unit}]"))
    parts.append(_text(WIDTH - RIGHT, HEIGHT - 10, "positive current discharges", anchor="end", size=10))
    return "\n".join([*parts, "</svg>\n"])


def _panel(horizontal: Axis, vertical: Axis, column: Column) -> list[str]:
    parts = []
    for tick in vertical.ticks():
        y = vertical.place(tick)
        parts.append(_line(horizontal.start, y, horizontal.end, y))
        parts.append(_text(LEFT - 8, y + 4, f"{tick:.6g}", anchor="end"))
    parts += [_line(x, vertical.start, x, vertical.end) for x in map(horizontal.place, horizontal.ticks())]
    x, y = 18, (vertical.start + vertical.end) / 2
    label = _text(x, y, column.name)
    parts.append(f'<g transform="rotate(-90 {x} {y:.1f})">{label}</g>')
    return parts


def _curve(
    horizontal: Axis, vertical: Axis, times: Sequence[float], values: Sequence[float], colour: str
) -> str:
    points = " ".join(
        f"{horizontal.place(time):.1f},{vertical.place(value):.1f}"
        for time, value in zip(times, values, strict=True)
    )
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _axis(values: Sequence[float], start: float, end: float, *, margin: float) -> Axis:
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    # What does not change at all still needs a range to be drawn in.
    spare = margin * (high - low) if high - low > 1e-9 * max(abs(low), abs(high)) else abs(high) * 0.05 or 1.0
    return Axis(low - spare, high + spare, start, end)


def _unit_of(times: Sequence[float]) -> tuple[float, str]:
    longest = max(times, default=0.0)
    return next((divisor, unit) for divisor, unit, beginning in UNITS_OF_TIME if longest >= beginning)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "middle", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>'
