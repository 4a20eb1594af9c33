"""Integrals over time of a run's series, as exact as the points between them allow."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST_UNEQUAL = 20
"""Two intervals whose lengths differ by a larger factor, as before a cut-off, make no parabola."""


class Pieces:
    """The pieces of a run's time over which its series are integrated.

    Where a point joins two intervals to a smooth piece, Simpson's rule integrates: the parabola through its
    three points. Any other interval is a piece by itself, in which series are linear.

    times: in s, shape (points,), as the series. halves: which points join the intervals on both sides; None:
    none does.
    """

    def __init__(self, times: Numbers, halves: Mask | None = None) -> None:
        steps = np.diff(times)
        middles = np.empty(0, np.intp) if halves is None else _middles(steps, halves)
        self._middles = middles
        before, after = steps[middles - 1], steps[middles]
        whole = before + after
        self._sixths = whole / 6
        self._weights = 2 - after / before, whole**2 / (before * after), 2 - before / after
        is_piece, is_alone = np.ones((2, len(steps)), np.bool_)
        is_piece[middles] = is_alone[middles] = is_alone[middles - 1] = False
        self._kept = np.flatnonzero(is_piece)
        self._alone = np.flatnonzero(is_alone)
        self._steps = steps

    def of_product(self, first: Numbers, second: Numbers) -> Numbers:
        """Return the integral of the product of two series over each piece, in the order of time."""
        pieces = np.empty(len(self._steps))
        left, right = self._alone, self._alone + 1
        ends = 2 * first[left] * second[left] + 2 * first[right] * second[right]
        crossed = first[left] * second[right] + first[right] * second[left]
        pieces[left] = self._steps[left] * (ends + crossed) / 6
        pieces[self._middles - 1] = self._simpson(first * second)
        return pieces[self._kept]

    def of(self, column: Numbers) -> Numbers:
        """Return the integral of a series over each piece, in the order of time."""
        pieces = np.empty(len(self._steps))
        left, right = self._alone, self._alone + 1
        ends = 2 * column[left] + 2 * column[right]
        pieces[left] = self._steps[left] * (ends + (column[left] + column[right])) / 6
        pieces[self._middles - 1] = self._simpson(column)
        return pieces[self._kept]

    def bends(self, column: Numbers) -> Numbers:
        """Return by how much the mean of a series is above that of straight lines, in each interval."""
        bends = np.zeros(len(self._steps))
        before, after = self._middles - 1, self._middles
        lines = self._steps * (column[:-1] + column[1:]) / 2
        above = (self._simpson(column) - lines[before] - lines[after]) / (6 * self._sixths)
        bends[before] = bends[after] = above
        return bends

    def _simpson(self, values: Numbers) -> Numbers:
        """Return the integrals of the parabolas through each middle and its neighbours."""
        at_left, at_middle, at_right = self._weights
        middles = self._middles
        weighted = (
            at_left * values[middles - 1] + at_middle * values[middles] + at_right * values[middles + 1]
        )
        integrals: Numbers = self._sixths * weighted
        return integrals


def _middles(steps: Numbers, halves: Mask) -> NDArray[np.intp]:
    """Return the indices of the points that join two intervals of like lengths."""
    inner = np.flatnonzero(halves[1:-1]) + 1
    ratio = steps[inner] / steps[inner - 1]
    return inner[(ratio < MOST_UNEQUAL) & (ratio > 1 / MOST_UNEQUAL)]
