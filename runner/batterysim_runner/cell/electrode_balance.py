"""Between which stoichiometries a cell of two electrodes works, found from its open-circuit voltage.

It is what PyBaMM calls the electrode state of health (Mohtat et al. 2019,
doi:10.1016/j.jpowsour.2019.03.104), in one unknown: lithium that leaves one electrode enters the other.
Nothing here needs PyBaMM.
"""

from collections.abc import Callable
from typing import NamedTuple

FULL_GUESS, EMPTY_GUESS = 0.8, 0.2
"""Where PyBaMM begins to look, too, so that of several solutions both find the same."""

MARGIN = 1e-6
MAX_ITERATIONS = 100
MAX_HALVINGS = 60
EXACT_VOLTS = 1e-9
"""A voltage that is met this closely is met: the last steps of Newton's method go far beyond."""

Curve = Callable[[float], tuple[float, float]]
"""The cell's voltage at rest in V for a stoichiometry of the negative electrode, and its slope."""


class StoichiometryLimits(NamedTuple):
    """The stoichiometries at 0 % and 100 % state of charge."""

    negative_empty: float
    negative_full: float
    positive_empty: float
    positive_full: float

    def at(self, state_of_charge: float) -> tuple[float, float]:
        """Return the stoichiometries of the negative and the positive electrode: linear in between."""
        negative = self.negative_empty + state_of_charge * (self.negative_full - self.negative_empty)
        positive = self.positive_empty - state_of_charge * (self.positive_empty - self.positive_full)
        return negative, positive


class Electrodes(NamedTuple):
    """How much lithium fits into each electrode, and how much is in both together, in A.h."""

    negative_capacity: float
    positive_capacity: float
    lithium: float

    def positive_stoichiometry(self, negative: float) -> float:
        """Return the stoichiometry of the positive electrode: it has all lithium that the other has not."""
        return (self.lithium - negative * self.negative_capacity) / self.positive_capacity


def stoichiometry_limits(
    electrodes: Electrodes, curve: Curve, empty_volts: float, full_volts: float
) -> StoichiometryLimits | None:
    """Return the limits, exact but for rounding; None if none are found."""
    lowest = max(MARGIN, _negative_stoichiometry(electrodes, 1 - MARGIN))
    highest = min(1 - MARGIN, _negative_stoichiometry(electrodes, MARGIN))
    if not lowest < highest:
        return None
    empty = _solve(curve, empty_volts, EMPTY_GUESS, lowest, highest)
    full = _solve(curve, full_volts, FULL_GUESS, lowest, highest)
    if empty is None or full is None:
        return None
    return StoichiometryLimits(
        empty, full, electrodes.positive_stoichiometry(empty), electrodes.positive_stoichiometry(full)
    )


def _negative_stoichiometry(electrodes: Electrodes, positive: float) -> float:
    return (electrodes.lithium - positive * electrodes.positive_capacity) / electrodes.negative_capacity


def _solve(curve: Curve, volts: float, guess: float, lowest: float, highest: float) -> float | None:
    """Find where the curve has a voltage by Newton's method, which here ends only where it cannot improve."""
    place = min(max(guess, lowest), highest)
    value, slope = curve(place)
    for _ in range(MAX_ITERATIONS):
        if slope == 0 or value == volts:
            break
        step = (volts - value) / slope
        better = _shortened(curve, volts, place, step, abs(value - volts), lowest, highest)
        if better is None:
            break
        place, value, slope = better
    return place if abs(value - volts) < EXACT_VOLTS else None


def _shortened(
    curve: Curve, volts: float, place: float, step: float, worse: float, lowest: float, highest: float
) -> tuple[float, float, float] | None:
    """Return the place after a step with the curve's value and slope there. The step is halved as long as it
    leads out, or to a voltage that is not nearer than `worse`; None: none does."""
    for _ in range(MAX_HALVINGS):
        there = place + step
        if there == place:
            return None
        if lowest <= there <= highest:
            value, slope = curve(there)
            if abs(value - volts) < worse:
                return there, value, slope
        step /= 2
    return None
