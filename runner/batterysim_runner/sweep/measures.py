"""The numbers that a sweep takes from each result in addition to its summary."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batterysim.catalogue.measured_csv import read_measured
from batterysim.catalogue.profile_csv import Table
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.results import TIME
from batterysim.sweep.checks import MEASURABLE
from batterysim.sweep.metric import Metric, Statistic
from batterysim_runner.report.comparison import residuals
from batterysim_runner.report.integrals import Mask, Pieces
from batterysim_runner.report.trace import Trace

Numbers = NDArray[np.float64]

OVER_TIME = ("Mean", "RootMeanSquare")
"""Statistics that weigh each value by how long it lasts."""


class Measure(NamedTuple):
    """A metric with the measured data that it needs."""

    metric: Metric
    measured: Table | None

    def of(self, trace: Trace) -> float | None:
        """Return its value for a run; None where the run is too short for it.

        Raises:
            InvalidSpecError: the result has no such column.
        """
        if self.metric.column not in trace.values:
            message = f"{self.metric.column!r} is no column of this point's result: use another one"
            problem = Problem(
                FailureReason.INVALID_SPEC, f"spec.metrics[{self.metric.name!r}].column", message
            )
            raise InvalidSpecError([problem])
        if TIME.name not in trace.values:
            return _of_samples(trace.values[self.metric.column], self.metric.statistic)
        times, column, halves = _finest(trace, self.metric.column)
        if self.measured is not None:
            return self._against(times, column, self.measured)
        if self.metric.at_seconds is not None:
            at = self.metric.at_seconds
            return float(np.interp(at, times, column)) if at <= times[-1] else None
        if self.metric.statistic not in OVER_TIME:
            return _of_samples(trace.values[self.metric.column], self.metric.statistic)
        return _over_time(times, column, halves, self.metric.statistic)

    def _against(self, times: Numbers, column: Numbers, measured: Table) -> float | None:
        found = residuals(times, column, measured)
        return _of_samples(found, self.metric.statistic) if len(found) == len(measured.values) else None


def measures(metrics: Sequence[Metric]) -> list[Measure]:
    """Return metrics that are ready to be taken."""
    return [Measure(metric, _measured(metric)) for metric in metrics]


def read_between(measures: Sequence[Measure]) -> tuple[str, ...]:
    """Return the columns that metrics read between the solver's points, too: at moments, or over time."""
    metrics = [measure.metric for measure in measures]
    return tuple(
        {m.column for m in metrics if m.at_seconds is not None or m.against or m.statistic in OVER_TIME}
    )


def _measured(metric: Metric) -> Table | None:
    if metric.against is None:
        return None
    if metric.against.csv is None:
        raise ValueError(f"the measured data of the metric {metric.name!r} have not been read")
    return read_measured(metric.against.csv, MEASURABLE[metric.column])


def _of_samples(values: Numbers, statistic: Statistic | None) -> float:
    match statistic:
        case "Min":
            return float(values.min())
        case "Max":
            return float(values.max())
        case "Mean":
            return float(values.mean())
        case "RootMeanSquare":
            return math.sqrt(float((values**2).mean()))
        case _:
            return float(values[-1])


def _finest(trace: Trace, name: str) -> tuple[Numbers, Numbers, Mask | None]:
    """Return a run's times, a column and which points halve an interval, at as many points as there are."""
    if trace.integrand is not None and name in trace.integrand.values:
        values, halves = trace.integrand
        return values[TIME.name], values[name], halves
    return trace.values[TIME.name], trace.values[name], trace.halves


def _over_time(times: Numbers, column: Numbers, halves: Mask | None, statistic: Statistic) -> float | None:
    duration = float(times[-1] - times[0])
    if duration == 0:
        return None
    pieces = Pieces(times, halves)
    if statistic == "Mean":
        return float(pieces.of(column).sum()) / duration
    return math.sqrt(float(pieces.of_product(column, column).sum()) / duration)
