"""Drawing as SVG: axes, curves and text in a picture of 800 by 520 units."""

import math
from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 800, 520
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 50
TICKS = 6


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


def axis(values: Sequence[float], start: float, end: float, *, margin: float) -> Axis:
    """Return the axis of some values, with a margin on both sides as a part of their range."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    # What does not change at all still needs a range to be drawn in.
    spare = margin * (high - low) if high - low > 1e-9 * max(abs(low), abs(high)) else abs(high) * 0.05 or 1.0
    return Axis(low - spare, high + spare, start, end)


def picture(title: str, description: str, parts: Sequence[str]) -> str:
    """Return the whole picture."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
            f' font-family="DejaVu Sans, sans-serif" font-size="12" fill="#222">',
            f"<title>{escape(title)}: {escape(description)}</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            text(WIDTH / 2, 24, title, size=15),
            *parts,
            "</svg>\n",
        ]
    )


def panel(horizontal: Axis, vertical: Axis, label: str) -> list[str]:
    """Return the grid of a panel, with the numbers and the label of its vertical axis."""
    parts = []
    for tick in vertical.ticks():
        y = vertical.place(tick)
        parts.append(line(horizontal.start, y, horizontal.end, y))
        parts.append(text(LEFT - 8, y + 4, f"{tick:.6g}", anchor="end"))
    parts += [line(x, vertical.start, x, vertical.end) for x in map(horizontal.place, horizontal.ticks())]
    x, y = 18, (vertical.start + vertical.end) / 2
    return [*parts, f'<g transform="rotate(-90 {x} {y:.1f})">{text(x, y, label)}</g>']


def lower_axis(horizontal: Axis, label: str) -> list[str]:
    """Return the numbers and the label of the horizontal axis."""
    numbers = [
        text(horizontal.place(tick), HEIGHT - BOTTOM + 18, f"{tick:.6g}") for tick in horizontal.ticks()
    ]
    return [*numbers, text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, label)]


def curve(
    horizontal: Axis,
    vertical: Axis,
    x: Sequence[float],
    y: Sequence[float],
    colour: str,
    *,
    dash: bool = False,
) -> str:
    """Return a curve through some points."""
    points = " ".join(
        f"{horizontal.place(one):.1f},{vertical.place(other):.1f}" for one, other in zip(x, y, strict=True)
    )
    # A mitre would draw peaks higher than they are.
    style = f'fill="none" stroke="{colour}" stroke-width="1.5" stroke-linejoin="round"'
    style += ' stroke-dasharray="5 4"' if dash else ""
    return f'<polyline points="{points}" {style}/>'


def line(x1: float, y1: float, x2: float, y2: float) -> str:
    """Return a line of the grid."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def text(x: float, y: float, content: str, *, anchor: str = "middle", size: int = 12) -> str:
    """Return a text, which is never markup."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(content)}</text>'
