"""How far what is simulated is from what was measured."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batterysim.catalogue.profile_csv import Table
from batterysim.spec.measured import MeasuredQuantity

Numbers = NDArray[np.float64]

SAME_TIME = 1e-9
"""A row later than the end of a run by less, as a part of it, is at its end: rounding has moved one."""


class Comparison(NamedTuple):
    """A measured quantity, compared.

    rms_error: the root of the mean of the squared residuals at the rows that were compared, in the
        quantity's unit. max_error: the largest magnitude of them. None: no row is within the run.
    words: which rows were compared, and what of the data or of the run was left out.
    """

    quantity: MeasuredQuantity
    rms_error: float | None
    max_error: float | None
    words: str


def residuals(times: Numbers, column: Numbers, data: Table) -> Numbers:
    """Return simulated minus measured at the rows of the data that are within the run.

    times, column: of the run, both of shape (points,), between which a line is drawn.
    data: whose rows beyond the run's ends are left out; they are none of the first ones or the last ones.
    """
    at, measured = np.array(data.times_seconds), np.array(data.values)
    inside = _inside(at, times)
    found: Numbers = np.interp(at[inside], times, column) - measured[inside]
    return found


def measured_at(times: Numbers, data: Table) -> Numbers:
    """Return the data at the times of a run, shape (points,); NaN before the first row and after the last."""
    at = np.array(data.times_seconds)
    values: Numbers = np.interp(times, at, np.array(data.values))
    values[(times < at[0]) | (times > at[-1] * (1 + SAME_TIME))] = math.nan
    return values


def compare(quantity: MeasuredQuantity, times: Numbers, column: Numbers, data: Table) -> Comparison:
    """Compare a run's column with data.

    times, column: see residuals.
    """
    found = residuals(times, column, data)
    words = f"{quantity}: {_words(times, data, len(found))}"
    if not len(found):
        return Comparison(quantity, None, None, words)
    return Comparison(quantity, math.sqrt(float((found**2).mean())), float(abs(found).max()), words)


def _inside(at: Numbers, times: Numbers) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (at >= times[0]) & (at <= times[-1] * (1 + SAME_TIME))
    return inside


def _words(times: Numbers, data: Table, count: int) -> str:
    rows, first, last, end = len(data.values), data.times_seconds[0], data.times_seconds[-1], times[-1]
    if count == 0:
        return (
            f"none of {rows} rows compared; the data begin at {first:.6g} s, and the run ended at {end:.6g} s"
        )
    at = np.array(data.times_seconds)
    compared = at[_inside(at, times)]
    words = f"{count} of {rows} rows compared, from {compared[0]:.6g} to {compared[-1]:.6g} s"
    if count < rows:
        return f"{words}; the run ended at {end:.6g} s, before the data, which end at {last:.6g} s"
    if end > last * (1 + SAME_TIME):
        return f"{words}; the run went on to {end:.6g} s, without data"
    return words
