"""Integrals over time of a run's series, as exact as the points between them allow."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST_UNEQUAL = 20
"""Two intervals whose lengths differ by a larger factor, as before a cut-off, make no parabola."""


def integrals_of_product(times: Numbers, first: Numbers, second: Numbers, halves: Mask) -> Numbers:
    """Return the integral of the product of two series over each piece, in the order of time.

    Where a point joins two intervals to a smooth piece, Simpson's rule integrates the product: the parabola
    through its three points. Any other interval is a piece by itself, in which both series are linear.

    times: in s, shape (points,), as the series. halves: which points join the intervals on both sides.
    """
    steps = np.diff(times)
    ends = 2 * first[:-1] * second[:-1] + 2 * first[1:] * second[1:]
    crossed = first[:-1] * second[1:] + first[1:] * second[:-1]
    linear = steps * (ends + crossed) / 6
    middles = _middles(steps, halves)
    linear[middles - 1] = _simpson(times, first * second, middles)
    return np.delete(linear, middles)


def integral(times: Numbers, column: Numbers, halves: Mask) -> float:
    """Return the integral of a series over all of the time."""
    return float(integrals_of_product(times, column, np.ones_like(column), halves).sum())


def _middles(steps: Numbers, halves: Mask) -> NDArray[np.intp]:
    """Return the indices of the points that join two intervals of like lengths."""
    inner = np.flatnonzero(halves[1:-1]) + 1
    ratio = steps[inner] / steps[inner - 1]
    return inner[(ratio < MOST_UNEQUAL) & (ratio > 1 / MOST_UNEQUAL)]


def _simpson(times: Numbers, values: Numbers, middles: NDArray[np.intp]) -> Numbers:
    """Return the integrals of the parabolas through each middle and its neighbours, equally far or not."""
    before, after = times[middles] - times[middles - 1], times[middles + 1] - times[middles]
    whole = before + after
    weighted = (
        (2 - after / before) * values[middles - 1]
        + whole**2 / (before * after) * values[middles]
        + (2 - before / after) * values[middles + 1]
    )
    integrals: Numbers = whole / 6 * weighted
    return integrals
