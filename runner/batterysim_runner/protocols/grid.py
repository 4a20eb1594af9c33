"""Which points of time are solved for, and which of them go into the result."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batterysim.catalogue.prescription import Prescription
from batterysim.spec.simulation import DEFAULT_POINTS, Output
from batterysim_runner.report.measured import chooses_points, measured_times

Times = NDArray[np.float64]

MIN_SMOOTH_INTERVALS = 800
"""Energy is integrated over at least this many intervals, even if the result has few points."""

MIN_INTERVALS = 4000
"""Over this many, where the protocol's quantity has kinks: the voltage bends most after each of them. Equal
intervals of this number are fine enough without further points."""

KINK_PARTS = 8
"""Into at least this many the interval after a kink is split, where there are many points but few kinks."""

FEWEST = 0.5
"""With a smaller part of them before an early end, the run is solved again on a grid of its own."""

HALVINGS: Times = 2.0 ** -np.arange(1.0, 11.0)
"""Parts of the time that are left at more points before an early end: a voltage falls there ever faster."""

ROUNDING = 8 * np.finfo(np.float64).eps
"""Times that differ by less, as a part of the whole duration, are the same one, reached by another sum."""


class TimeGrid(NamedTuple):
    """Points of time in seconds, each array increasing, from 0 to the end of the protocol.

    knots: where what the protocol sets has a kink; the solver must stop there, or it steps over it.
    output: what the result has.
    integration: what energy and charge are integrated over; contains all of `output` and `knots`, and the
        times of measured data.
    halves: those of the integration's points that lie between two others in a smooth part of the run.
    asked: those of the integration's points that are not there for its sake.
    least: how many intervals the integration has at least.
    is_default: whether nobody has said which points the result is to have.
    is_solvers: whether the solver's own points take the place of both.
    """

    knots: Times
    output: Times
    integration: Times
    halves: Times
    asked: Times
    least: int
    is_default: bool = False
    is_solvers: bool = False

    def until(self, end_seconds: float) -> "TimeGrid | None":
        """Return the grid for a run that ends early, at a cut-off; None: this one has enough points.

        Of a day that ends after an hour, a twenty-fourth of the points are left. So the result has others,
        too, unless somebody has said which.
        """
        if self.is_solvers or self._is_fine_until(end_seconds):
            return None
        before, output = self.asked[self.asked < end_seconds], self.output
        # One more point, after the end, so that the end is no point of the grid, too.
        after = min(end_seconds * (1 + HALVINGS[-1]), self.asked[len(before)])
        if self.is_default:
            before = np.linspace(0, end_seconds, DEFAULT_POINTS)[:-1]
            output = np.append(before, self.asked[-1])
        nearer = _merge(before, end_seconds * (1 - HALVINGS))
        refined, halves = _refine(np.append(nearer, after), self.knots, self.least)
        integration = np.union1d(refined, self.asked[-1:])
        return self._replace(output=output, integration=integration, halves=halves)

    def _is_fine_until(self, end_seconds: float) -> bool:
        """Tell whether the intervals before an early end are short enough, in the mean over time."""
        steps = np.diff(np.append(self.integration[self.integration < end_seconds], end_seconds))
        return bool((steps**2).sum() * FEWEST * self.least <= end_seconds**2)

    def in_output(self, times: Times) -> NDArray[np.bool_]:
        """Tell which of the points that were solved for go into the result."""
        if self.is_solvers:
            return np.full(len(times), True)
        chosen = _among(times, self.output)
        chosen[-1] = True  # a cut-off is a point of its own, the last
        return chosen

    def halving(self, times: Times) -> NDArray[np.bool_]:
        """Tell which of the points that were solved for halve an interval."""
        if self.is_solvers:
            return np.full(len(times), False)
        return _among(times, self.halves)


def time_grid(prescription: Prescription, output: Output) -> TimeGrid:
    """Return the points of time for what a protocol sets."""
    duration = prescription.duration_seconds
    table = prescription.whole_table()
    if table is None:
        knots, default = np.array([0.0, duration]), np.linspace(0, duration, DEFAULT_POINTS)
    else:
        knots = default = np.array(table.times_seconds)
        duration = knots[-1]
    wanted, given = _output(output, duration, default), _within(measured_times(output), duration)
    if not chooses_points(output):
        wanted = _merge(wanted, given)
    asked, least = _merge(_merge(wanted, knots), given), _least_intervals(prescription)
    refined, halves = _refine(asked, knots, least)
    is_default = table is None and not (chooses_points(output) or len(given))
    return TimeGrid(knots, wanted, refined, halves, asked, least, is_default, bool(output.solver_points))


def _among(times: Times, chosen: Times) -> NDArray[np.bool_]:
    """Tell which times are among those chosen, which increase."""
    if not len(chosen):
        return np.full(len(times), False)
    nearest = np.searchsorted(chosen, times).clip(max=len(chosen) - 1)
    return np.asarray(chosen[nearest] == times)


def _least_intervals(prescription: Prescription) -> int:
    return MIN_SMOOTH_INTERVALS if prescription.table is None else MIN_INTERVALS


def _output(output: Output, duration: float, default: Times) -> Times:
    if output.points is not None:
        return np.linspace(0, duration, output.points)
    if output.period_seconds is not None:
        # The last point is the end itself, even when the period does not divide the duration.
        inner = np.arange(0, duration, output.period_seconds)
        return np.append(inner[duration - inner > 1e-9 * duration], duration)
    return default


def _within(times: Times, duration: float) -> Times:
    return times[times <= duration]


def _merge(output: Times, knots: Times) -> Times:
    """Join both, leaving out knots that differ from an output point only by rounding."""
    nearest = output[np.clip(np.searchsorted(output, knots), 0, len(output) - 1)]
    before = output[np.clip(np.searchsorted(output, knots) - 1, 0, len(output) - 1)]
    distance = np.minimum(abs(nearest - knots), abs(before - knots))
    return np.union1d(output, knots[distance > ROUNDING * output[-1]])


def _refine(times: Times, knots: Times, least: int) -> tuple[Times, Times]:
    """Split intervals into even numbers of parts, for Simpson's rule; the given points stay exactly as they
    are. Return all points, and those that halve two parts.

    After a kink the voltage follows the root of time, as diffusion does: there the parts grow as squares do.
    Where intervals stay whole because they are short, every second point of a smooth section halves two.
    """
    parts = _parts(times, knots, least)
    places = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    fractions = places / np.repeat(parts, parts)
    after_kink = np.repeat(np.isin(times[:-1], knots), parts)
    fractions = np.where(after_kink, fractions**2, fractions)
    refined = np.append(
        np.repeat(times[:-1], parts) + np.repeat(np.diff(times), parts) * fractions, times[-1]
    )
    halves = np.append(refined[:-1][places % 2 == 1], _pairs(times, parts == 1, knots))
    return np.unique(refined), np.unique(halves)  # parts of a seam late in a long run may not differ


def _parts(times: Times, knots: Times, least: int) -> NDArray[np.intp]:
    """Return into how many parts each interval is split.

    Few points say nothing of the run, so each of their intervals gets its share of the parts, and a long one
    more. Many points may still be in one place, as those of measured data are, or have kinks between them:
    only short intervals stay whole, and after few kinks only the shortest.
    """
    count, lengths = len(times) - 1, np.diff(times)
    by_length = _even(least * lengths / times[-1])
    if count < MIN_INTERVALS:
        return np.maximum(by_length, _even(np.array([least / count])))
    is_short = lengths * MIN_INTERVALS <= times[-1] * (1 + ROUNDING)
    parts = np.where(is_short, 1, by_length)
    is_smallest = lengths * MIN_INTERVALS * KINK_PARTS <= times[-1]
    has_few_kinks = len(knots) <= MIN_INTERVALS
    bends = np.isin(times[:-1], knots) & ~is_smallest & (has_few_kinks | ~is_short)
    return np.where(bends, np.maximum(parts, KINK_PARTS), parts)


def _even(parts: Times) -> NDArray[np.intp]:
    """Return the next even numbers."""
    return 2 * np.ceil(parts / 2 * (1 - ROUNDING)).astype(np.intp).clip(min=1)


def _pairs(times: Times, is_whole: NDArray[np.bool_], knots: Times) -> Times:
    """Return every second one of the points between whole intervals, from one kink to the next."""
    joins = is_whole[:-1] & is_whole[1:] & ~np.isin(times[1:-1], knots)
    places = np.arange(len(joins))
    begins = joins & ~np.append(False, joins[:-1])
    since = places - np.maximum.accumulate(np.where(begins, places, 0))
    chosen: Times = times[1:-1][joins & (since % 2 == 0)]
    return chosen
