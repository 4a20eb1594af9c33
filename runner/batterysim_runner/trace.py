"""A solved run as plain arrays, and its summary."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batterysim.results import CELL_TEMPERATURE, CURRENT, TIME, VOLTAGE, EndReason, Summary

SECONDS_PER_HOUR = 3600.0


class Trace(NamedTuple):
    """Series by column name, all of one length, on the integration grid.

    in_output: which of the points go into the result; the last one always does.
    """

    values: dict[str, NDArray[np.float64]]
    in_output: NDArray[np.bool_]
    end_reason: EndReason

    def output(self) -> dict[str, NDArray[np.float64]]:
        """Return the series at the points of the result."""
        return {name: series[self.in_output] for name, series in self.values.items()}


def summarise(trace: Trace) -> Summary:
    """Return the run in a few numbers.

    Charge and energy are integrals over the fine grid by the trapezoidal rule, which for the charge is
    exact, because the current is linear between the points. PyBaMM's own "Discharge capacity [A.h]" is a
    state of the solver and carries its tolerance (docs/decisions/002-charge-and-energy.md).
    """
    times, current, voltage = (trace.values[column.name] for column in (TIME, CURRENT, VOLTAGE))
    return Summary(
        end_reason=trace.end_reason,
        end_time_seconds=float(times[-1]),
        discharge_capacity_ampere_hours=float(np.trapezoid(current, times)) / SECONDS_PER_HOUR,
        discharge_energy_watt_hours=float(np.trapezoid(current * voltage, times)) / SECONDS_PER_HOUR,
        start_volts=float(voltage[0]),
        end_volts=float(voltage[-1]),
        min_volts=float(voltage.min()),
        max_volts=float(voltage.max()),
        max_temperature_celsius=float(trace.values[CELL_TEMPERATURE.name].max()),
    )
