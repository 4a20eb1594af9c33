"""Points where the current changes its sign."""

import numpy as np
from numpy.typing import NDArray

from batterysim.results import CURRENT, DISCHARGE_CAPACITY, TIME
from batterysim_runner.report.integrals import Mask
from batterysim_runner.report.trace import SECONDS_PER_HOUR, Series


def split_where_current_turns(values: Series, halves: Mask | None = None) -> tuple[Series, Mask]:
    """Add a point to each interval in which the current, taken as linear, changes its sign.

    So each interval either discharges or charges, and the two do not cancel. Return as well which points
    still halve an interval.

    values: of one length, among them time, current and discharge capacity. halves: see Integrand; None: none
        does.
    """
    current = values[CURRENT.name]
    if halves is None:
        halves = np.zeros(len(current), dtype=np.bool_)
    turns_there = np.append(False, np.append(current[:-2] * current[2:] < 0, False))[: len(current)]
    before = np.flatnonzero(current[:-1] * current[1:] < 0)
    if not len(before):
        return values, halves & ~turns_there
    part = current[before] / (current[before] - current[before + 1])
    at_turns = {
        name: column[before] + part * (column[before + 1] - column[before]) for name, column in values.items()
    }
    at_turns[DISCHARGE_CAPACITY.name] = _capacity_at_turns(values, before)
    split = {name: np.insert(column, before + 1, at_turns[name]) for name, column in values.items()}
    return split, np.insert(halves & ~turns_there, before + 1, False)


def _capacity_at_turns(values: Series, before: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the discharge capacity, in A.h, where the current is zero.

    There it has its highest or lowest value, not one between those at both ends: on each side it changes by
    the triangle of current and time. What the solver's state changes in addition is shared in proportion to
    the triangles.

    before: the point before each turn, shape (turns,), as what is returned.
    """
    current, capacity = values[CURRENT.name], values[DISCHARGE_CAPACITY.name]
    hours = np.diff(values[TIME.name])[before] / SECONDS_PER_HOUR
    left, right = current[before], current[before + 1]
    triangle = hours * left**2 / (left - right) / 2
    in_addition = np.diff(capacity)[before] - hours * (left + right) / 2
    at_turns: NDArray[np.float64] = capacity[before] + triangle + in_addition * left**2 / (left**2 + right**2)
    return at_turns
