"""The painted pixels of a chart, and those that the whole series would paint."""

from typing import Any, NamedTuple

import numpy as np
from playwright.sync_api import Page

# For each column of pixels in a part of an image: the first and last painted row, or -1.
EXTENTS = """
function extents(context, left, top, width, height, isPainted) {
  const { data } = context.getImageData(left, top, width, height);
  return Array.from({ length: width }, (_, x) => {
    const rows = [];
    for (let y = 0; y < height; y += 1) {
      const at = 4 * (y * width + x);
      if (data[at + 3] > 127 && isPainted(data[at], data[at + 1])) rows.push(y);
    }
    return rows.length ? [rows[0], rows.at(-1)] : [-1, -1];
  });
}
"""
CANVAS = f"""(title) => {{
  {EXTENTS}
  const hasTitle = (figure) => figure.querySelector("h2").textContent.startsWith(title);
  const figure = [...document.querySelectorAll("figure")].find(hasTitle);
  const canvas = figure.querySelector("canvas");
  const [over, all] = [figure.querySelector(".u-over"), canvas].map((item) => item.getBoundingClientRect());
  const place = [over.left - all.left, over.top - all.top, over.width, over.height].map(Math.round);
  // The curve is dark blue, the grid light grey.
  return extents(canvas.getContext("2d"), ...place, (red) => red < 133);
}}"""
PNG = f"""async ([path, token, isRed, left, top, width, height]) => {{
  {EXTENTS}
  const answer = await fetch(path, {{ headers: {{ Authorization: `Bearer ${{token}}` }} }});
  const image = await createImageBitmap(await answer.blob());
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  // The curve of the current is red, that of the voltage blue, the grid light grey.
  const isPainted = isRed ? (red, green) => red > 180 && green < 148 : (red) => red < 143;
  return extents(context, left, top, width, height, isPainted);
}}"""


class Frame(NamedTuple):
    """Where a chart draws: its size in pixels, and what its edges stand for."""

    width: int
    height: int
    left: float
    right: float
    low: float
    high: float

    @classmethod
    def around(cls, size: tuple[int, int], x: np.ndarray, y: np.ndarray, margin: float) -> "Frame":
        """Leave a margin above and below, as a part of the range."""
        spare = margin * float(np.ptp(y))
        return cls(*size, float(x[0]), float(x[-1]), float(y.min()) - spare, float(y.max()) + spare)


def canvas_extents(page: Page, title: str) -> np.ndarray:
    """Return first and last painted row of each column of a chart of the page, shape (width, 2)."""
    found: Any = page.evaluate(CANVAS, title)
    return np.array(found)


def png_extents(
    page: Page, path: str, token: str, place: tuple[int, int, int, int], *, is_red: bool
) -> np.ndarray:
    """Return the same of a part of a PNG: left, top, width and height in pixels."""
    found: Any = page.evaluate(PNG, [path, token, is_red, *place])
    return np.array(found)


def envelope(frame: Frame, x: np.ndarray, y: np.ndarray, widening: float) -> np.ndarray:
    """Return the highest and lowest row that the curve reaches in each column, shape (width, 2).

    widening: by how many pixels to look beyond a column on both sides.
    """
    columns = (x - frame.left) / (frame.right - frame.left) * frame.width
    rows = (frame.high - y) / (frame.high - frame.low) * frame.height
    reached = np.empty((frame.width, 2))
    for column in range(frame.width):
        start, end = column - widening, column + 1 + widening
        inside = rows[(columns >= start) & (columns <= end)]
        ends = np.interp([max(start, 0), min(end, frame.width)], columns, rows)
        reached[column] = min(inside.min(initial=np.inf), *ends), max(inside.max(initial=-np.inf), *ends)
    return reached


def assert_same_envelope(
    painted: np.ndarray, frame: Frame, x: np.ndarray, y: np.ndarray, stroke: float, *companions: np.ndarray
) -> None:
    """Check to a pixel that the painted curve reaches all that the series reaches, and nothing else.

    stroke: width of the line in pixels.
    companions: series of dashed curves in the same chart, which have gaps.
    """
    # One pixel to the side is near enough: uPlot puts many points of a pixel at the first one's place.
    inner = envelope(frame, x, y, -0.25)
    outers = [envelope(frame, x, one, stroke / 2 + 0.5 + 1) for one in (y, *companions)]
    outer = np.stack([np.min(outers, axis=0)[:, 0], np.max(outers, axis=0)[:, 1]], axis=1)
    spare = stroke / 2 + 1
    # The line's ends at the edges are half outside.
    middle = slice(2, frame.width - 2)
    tops, bottoms = painted[middle, 0], painted[middle, 1]
    near = np.lib.stride_tricks.sliding_window_view(painted, 3, axis=0)[1:-1]
    highest, lowest = near[:, 0].min(axis=1), near[:, 1].max(axis=1)
    missing = (highest > inner[middle, 0] + 1) | (lowest < inner[middle, 1] - 2) | (tops < 0)
    invented = (tops < outer[middle, 0] - spare) | (bottoms > outer[middle, 1] + spare)
    assert not missing.any(), f"not painted in columns {np.flatnonzero(missing)[:10] + 2}"
    assert not invented.any(), f"painted too far in columns {np.flatnonzero(invented)[:10] + 2}"
