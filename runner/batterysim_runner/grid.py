"""Which points of time are solved for, and which of them go into the result."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batterysim.catalogue import drive_cycle
from batterysim.spec import DEFAULT_POINTS, BatterySimulationSpec, Output

Times = NDArray[np.float64]

MIN_INTEGRATION_INTERVALS = 4000
"""Energy is integrated over at least so many intervals, however few points the result has."""


class TimeGrid(NamedTuple):
    """Points of time in seconds, each array increasing, from 0 to the end of the protocol.

    knots: where the current has a kink; the solver must stop there, or it steps over it.
    output: what the result has.
    integration: what energy and charge are integrated over; contains all of `output` and `knots`.
    """

    knots: Times
    output: Times
    integration: Times


def time_grid(spec: BatterySimulationSpec) -> TimeGrid:
    """Return the points of time for a spec."""
    if spec.protocol.drive_cycle is not None:
        knots = np.array(drive_cycle(spec.protocol.drive_cycle.name).times_seconds)
        output = _output(spec.output, knots[-1], default=knots)
    else:
        assert spec.protocol.constant_current is not None  # noqa: S101 - held by the spec's validation
        duration = spec.protocol.constant_current.duration_seconds
        knots = np.array([0.0, duration])
        output = _output(spec.output, duration, default=np.linspace(0, duration, DEFAULT_POINTS))
    return TimeGrid(knots, output, _refine(_merge(output, knots)))


def _output(output: Output, duration: float, default: Times) -> Times:
    if output.points is not None:
        return np.linspace(0, duration, output.points)
    if output.period_seconds is not None:
        # The last point is the end itself, even when the period does not divide the duration.
        inner = np.arange(0, duration, output.period_seconds)
        return np.append(inner[duration - inner > 1e-9 * duration], duration)
    return default


def _merge(output: Times, knots: Times) -> Times:
    """Join both, leaving out knots that differ from an output point only by rounding."""
    nearest = output[np.clip(np.searchsorted(output, knots), 0, len(output) - 1)]
    before = output[np.clip(np.searchsorted(output, knots) - 1, 0, len(output) - 1)]
    distance = np.minimum(abs(nearest - knots), abs(before - knots))
    return np.union1d(output, knots[distance > 1e-9 * output[-1]])


def _refine(times: Times) -> Times:
    """Split each interval evenly until there are enough; the given points stay exactly as they are."""
    parts = -(-MIN_INTEGRATION_INTERVALS // (len(times) - 1))
    fractions = np.arange(parts) / parts
    return np.append((times[:-1, None] + np.diff(times)[:, None] * fractions).ravel(), times[-1])
