"""The measured data of a spec: the times at which they are, and a run with them next to it."""

from collections.abc import Iterator

import numpy as np

from batterysim.catalogue.measured_csv import read_measured
from batterysim.catalogue.profile_csv import Table
from batterysim.results import TIME
from batterysim.spec.measured import MEASURED_COLUMNS, MeasuredQuantity
from batterysim.spec.simulation import BatterySimulationSpec, Output
from batterysim_runner.report.comparison import Numbers, compare, measured_at
from batterysim_runner.report.trace import Trace


def measured_times(output: Output) -> Numbers:
    """Return the times of all rows of data, increasing; none without data."""
    times = [np.array(data.times_seconds) for _, data in _data(output)]
    return np.unique(np.concatenate(times)) if times else np.empty(0)


def with_measured(trace: Trace, spec: BatterySimulationSpec) -> Trace:
    """Return a run with the measured data of its spec: their columns, their residuals and their errors."""
    if spec.output.measured is None:
        return trace
    values, columns, comparisons = dict(trace.values), list(trace.columns), []
    times = values[TIME.name]
    for quantity, data in _data(spec.output):
        simulated, measured, residual = MEASURED_COLUMNS[quantity]
        values[measured.name] = measured_at(times, data)
        values[residual.name] = values[simulated.name] - values[measured.name]
        columns += [measured, residual]
        comparisons.append(compare(quantity, times, values[simulated.name], data))
    return trace._replace(values=values, columns=tuple(columns), comparisons=tuple(comparisons))


def chooses_points(output: Output) -> bool:
    """Tell whether an output says which points it has. Otherwise those of measured data are among them."""
    return output.points is not None or output.period_seconds is not None or output.solver_points is not None


def _data(output: Output) -> Iterator[tuple[MeasuredQuantity, Table]]:
    for series in output.measured or ():
        assert series.csv is not None  # noqa: S101 - references are resolved before
        yield series.quantity, read_measured(series.csv, series.quantity)
