"""A solved run as plain arrays, and its summary."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batterysim.results import (
    CELL_TEMPERATURE,
    CURRENT,
    DISCHARGE_CAPACITY,
    TIME,
    VOLTAGE,
    EndReason,
    StepRecord,
    Summary,
)

SECONDS_PER_HOUR = 3600.0


class Trace(NamedTuple):
    """Series by column name, all of one length, on the integration grid.

    in_output: which of the points go into the result; the last one always does.
    steps: how each step of an experiment went; None for other protocols.
    """

    values: dict[str, NDArray[np.float64]]
    in_output: NDArray[np.bool_]
    end_reason: EndReason
    steps: list[StepRecord] | None = None

    def output(self) -> dict[str, NDArray[np.float64]]:
        """Return the series at the points of the result."""
        return {name: series[self.in_output] for name, series in self.values.items()}


def summarise(trace: Trace) -> Summary:
    """Return the run in a few numbers.

    Charge is summed up interval by interval, energy is the integral of current times voltage. Where the
    current is given beforehand, it is linear between the points, so its integral is exact, while PyBaMM's own
    "Discharge capacity [A.h]" is a state of the solver and carries its tolerance. In an experiment the
    current is an outcome, and the state is the better of the two (docs/decisions/002-charge-and-energy.md).
    """
    times, current, voltage, capacity = (
        trace.values[column.name] for column in (TIME, CURRENT, VOLTAGE, DISCHARGE_CAPACITY)
    )
    charge = np.diff(times) * (current[:-1] + current[1:]) / 2 / SECONDS_PER_HOUR
    if trace.steps is not None:
        charge = np.diff(capacity)
    # current and voltage are taken as linear in each interval; the second term is what their product adds
    energy = charge * (voltage[:-1] + voltage[1:]) / 2
    energy += np.diff(times) * np.diff(current) * np.diff(voltage) / 12 / SECONDS_PER_HOUR
    return Summary(
        end_reason=trace.end_reason,
        end_time_seconds=float(times[-1]),
        discharge_capacity_ampere_hours=float(charge.sum()),
        discharge_energy_watt_hours=float(energy.sum()),
        start_volts=float(voltage[0]),
        end_volts=float(voltage[-1]),
        min_volts=float(voltage.min()),
        max_volts=float(voltage.max()),
        max_temperature_celsius=float(trace.values[CELL_TEMPERATURE.name].max()),
    )
