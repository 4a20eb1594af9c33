"""The summary, by numbers that can be worked out by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from batterysim.results import DEFAULT_COLUMNS, EndReason
from batterysim_runner.trace import Trace, summarise

Series = NDArray[np.float64]


def trace(times: Series, current: Series, voltage: Series, temperature: float = 25.0) -> Trace:
    """Return a trace with these series, and every second point in the result."""
    values = {column.name: np.zeros_like(times) for column in DEFAULT_COLUMNS}
    values |= {"Time [s]": times, "Current [A]": current, "Voltage [V]": voltage}
    values["Volume-averaged cell temperature [C]"] = np.full_like(times, temperature)
    in_output = np.arange(len(times)) % 2 == 0
    in_output[-1] = True
    return Trace(values, in_output, EndReason.DURATION_REACHED)


def test_a_constant_current_draws_current_times_time() -> None:
    times = np.linspace(0, 1800, 7)

    summary = summarise(trace(times, np.full(7, 5.0), np.full(7, 3.6)))

    assert summary.discharge_capacity_ampere_hours == 5 * 1800 / 3600
    assert summary.discharge_energy_watt_hours == pytest.approx(5 * 3.6 * 1800 / 3600, rel=1e-15)


def test_a_voltage_that_falls_evenly_gives_the_energy_of_its_middle() -> None:
    times = np.array([0.0, 10.0, 1000.0, 3600.0])  # unevenly spaced, which the rule must not mind

    summary = summarise(trace(times, np.full(4, 2.0), 4.0 - times / 3600))

    assert summary.discharge_energy_watt_hours == pytest.approx(2 * 3.5, rel=1e-15)


def test_a_charge_counts_negative() -> None:
    summary = summarise(trace(np.array([0.0, 3600.0]), np.full(2, -2.0), np.full(2, 4.0)))

    assert summary.discharge_capacity_ampere_hours == -2
    assert summary.discharge_energy_watt_hours == -8


def test_charge_and_discharge_cancel() -> None:
    times = np.array([0.0, 1.0, 2.0])

    summary = summarise(trace(times, np.array([3.0, 0.0, -3.0]), np.full(3, 4.0)))

    assert summary.discharge_capacity_ampere_hours == 0


def test_voltages_and_times_are_those_of_the_fine_grid() -> None:
    """The lowest voltage may lie between two points of the result."""
    times = np.array([0.0, 1.0, 2.0, 3.0])
    whole = trace(times, np.ones(4), np.array([4.0, 3.1, 3.9, 3.8]), temperature=31.5)

    summary = summarise(whole)

    assert whole.output()["Voltage [V]"].tolist() == [4.0, 3.9, 3.8]
    assert (summary.start_volts, summary.end_volts) == (4.0, 3.8)
    assert (summary.min_volts, summary.max_volts) == (3.1, 4.0)
    assert summary.end_time_seconds == 3
    assert summary.max_temperature_celsius == 31.5
    assert summary.end_reason == "DurationReached"
