"""An impedance as a picture: its Nyquist plot, with the same scale on both axes, as usual for batteries."""

import math

from batterysim.results import IMAGINARY_IMPEDANCE, REAL_IMPEDANCE
from batterysim_bridge.results import svg
from batterysim_bridge.results.svg import Axis
from batterysim_formats.series import Series

COLOUR = "#1f77b4"
MILLIOHMS_PER_OHM = 1000.0
MARGIN = 0.05


def nyquist_svg(series: Series, title: str) -> str:
    """Return the picture: the negative imaginary part against the real part, both in mOhm."""
    points = [
        (real * MILLIOHMS_PER_OHM, -imaginary * MILLIOHMS_PER_OHM)
        for batch in series.batches([REAL_IMPEDANCE.name, IMAGINARY_IMPEDANCE.name])
        for real, imaginary in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        if math.isfinite(real) and math.isfinite(imaginary)
    ]
    real, negative = [one for one, _ in points], [other for _, other in points]
    horizontal, vertical = _equal_axes(real, negative)
    parts = svg.panel(horizontal, vertical, "-Im Z [mOhm]")
    parts.append(svg.curve(horizontal, vertical, real, negative, COLOUR))
    parts += [
        f'<circle cx="{horizontal.place(one):.1f}" cy="{vertical.place(other):.1f}" r="3" fill="{COLOUR}"/>'
        for one, other in points
    ]
    parts += svg.lower_axis(horizontal, "Re Z [mOhm]")
    return svg.picture(title, "Nyquist plot of the impedance", parts)


def _equal_axes(real: list[float], negative: list[float]) -> tuple[Axis, Axis]:
    """Return two axes on which a mOhm is equally long."""
    horizontal = svg.axis(real, svg.LEFT, svg.WIDTH - svg.RIGHT, margin=MARGIN)
    vertical = svg.axis([0.0, *negative], svg.HEIGHT - svg.BOTTOM, svg.TOP, margin=MARGIN)
    scale = max(_per_unit(horizontal), _per_unit(vertical))
    return _widened(horizontal, scale), _widened(vertical, scale)


def _per_unit(axis: Axis) -> float:
    return (axis.high - axis.low) / abs(axis.end - axis.start)


def _widened(axis: Axis, per_unit: float) -> Axis:
    middle, half = (axis.low + axis.high) / 2, per_unit * abs(axis.end - axis.start) / 2
    return axis._replace(low=middle - half, high=middle + half)
