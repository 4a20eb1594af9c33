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
"""Over this many, where the protocol's quantity has kinks: the voltage bends most after each of them. A
result that has this many itself is fine enough without further points."""

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
        if self.is_solvers or np.searchsorted(self.integration, end_seconds) >= FEWEST * self.least:
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
    """Split each interval into an even number of parts, for Simpson's rule, until there are enough; the given
    points stay exactly as they are. Return all points, and every second of those that are new.

    After a kink the voltage follows the root of time, as diffusion does: there the parts grow as squares do.
    """
    intervals = len(times) - 1
    if intervals >= MIN_INTERVALS:
        return times, np.empty(0)
    parts = 2 * -(-least // (2 * intervals))
    fractions = np.arange(parts) / parts
    after_kink = np.isin(times[:-1], knots)[:, None]
    split = times[:-1, None] + np.diff(times)[:, None] * np.where(after_kink, fractions**2, fractions)
    refined = np.append(split.ravel(), times[-1])
    return np.unique(refined), split[:, 1::2].ravel()  # parts of a seam late in a long run may not differ
