"""The summary, by numbers that can be worked out by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from batterysim.results import DEFAULT_COLUMNS, IMPEDANCE_COLUMNS, EndReason
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import HEATING, Trace

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


def test_what_is_drawn_and_what_is_put_in_add_up_to_the_net() -> None:
    """3 A falling to -1 A in 4 s: drawn is a triangle of 3 A and 3 s, put in one of 1 A and 1 s."""
    summary = summarise(trace(np.array([0.0, 4.0]), np.array([3.0, -1.0]), np.full(2, 4.0)))

    assert summary.discharged_ampere_hours == pytest.approx(4.5 / 3600, rel=1e-15)
    assert summary.charged_ampere_hours == pytest.approx(0.5 / 3600, rel=1e-15)
    assert summary.discharge_capacity_ampere_hours == pytest.approx(4 / 3600, rel=1e-15)
    assert summary.discharged_watt_hours == pytest.approx(4 * 4.5 / 3600, rel=1e-15)
    assert summary.charged_watt_hours == pytest.approx(4 * 0.5 / 3600, rel=1e-15)


def test_what_is_put_in_while_the_current_turns_is_that_of_a_straight_line() -> None:
    """The same in an experiment, whose charge is the solver's state: 4 A.s in all, 4.5 A.s until 3 s."""
    whole = trace(np.array([0.0, 4.0]), np.array([3.0, -1.0]), np.full(2, 4.0))
    whole.values["Discharge capacity [A.h]"] = np.array([1.0, 1.0 + 4 / 3600])

    summary = summarise(whole._replace(current_is_given=False))

    assert summary.discharged_ampere_hours == pytest.approx(4.5 / 3600, rel=1e-9)
    assert summary.charged_ampere_hours == pytest.approx(0.5 / 3600, rel=1e-9)
    assert summary.discharged_watt_hours == pytest.approx(4 * 4.5 / 3600, rel=1e-9)
    assert summary.charged_watt_hours == pytest.approx(4 * 0.5 / 3600, rel=1e-9)


@pytest.mark.parametrize("net", [0.0, 0.1, -0.1])
def test_both_halves_of_a_turn_add_up_to_the_solvers_state(net: float) -> None:
    """2 A falling to -2 A in 2 s: 1 A.s each way. The state, in A.s, differs by the solver's error."""
    whole = trace(np.array([0.0, 2.0]), np.array([2.0, -2.0]), np.full(2, 4.0))
    whole.values["Discharge capacity [A.h]"] = np.array([0.0, net / 3600])

    summary = summarise(whole._replace(current_is_given=False))

    assert summary.discharged_ampere_hours == pytest.approx((1 + net / 2) / 3600, rel=1e-12)
    assert summary.charged_ampere_hours == pytest.approx((1 - net / 2) / 3600, rel=1e-12)
    assert summary.discharge_capacity_ampere_hours == pytest.approx(net / 3600, abs=1e-15)


def test_a_current_that_jumps_from_step_to_step_exchanges_nothing() -> None:
    """An experiment has two points at the time where a step ends and the next one begins."""
    times, current = np.array([0.0, 10.0, 10.0, 20.0]), np.array([5.0, 5.0, -3.0, -3.0])
    whole = trace(times, current, np.full(4, 4.0))
    whole.values["Discharge capacity [A.h]"] = np.array([0.0, 50.0, 50.0, 20.0]) / 3600

    summary = summarise(whole._replace(current_is_given=False))

    assert summary.discharged_ampere_hours == pytest.approx(50 / 3600, rel=1e-15)
    assert summary.charged_ampere_hours == pytest.approx(30 / 3600, rel=1e-15)


def test_means_are_over_time_and_not_over_points() -> None:
    times = np.array([0.0, 1.0, 10.0])
    whole = trace(times, np.full(3, 2.0), np.array([4.0, 3.0, 3.0]))
    whole.values["Power [W]"] = np.array([8.0, 6.0, 6.0])

    summary = summarise(whole)

    assert summary.mean_volts == pytest.approx((3.5 * 1 + 3 * 9) / 10, rel=1e-15)
    assert summary.mean_power_watts == pytest.approx(2 * summary.mean_volts, rel=1e-15)
    assert summary.max_power_watts == 8


def test_the_highest_power_and_c_rate_may_be_those_of_a_charge() -> None:
    whole = trace(np.array([0.0, 1.0]), np.array([2.0, -6.0]), np.full(2, 4.0))
    whole.values["Power [W]"] = np.array([8.0, -24.0])
    whole.values["C-rate"] = np.array([0.4, -1.2])

    assert summarise(whole).max_power_watts == 24
    assert summarise(whole).max_c_rate == 1.2


def test_the_internal_resistance_is_that_of_a_resistor() -> None:
    times, current = np.array([0.0, 1.0, 5.0, 6.0]), np.array([1.0, 4.0, -2.0, 0.0])
    whole = trace(times, current, 3.7 - 0.025 * current)
    whole.values["Bulk open-circuit voltage [V]"] = np.full(4, 3.7)

    assert summarise(whole).internal_resistance_ohms == pytest.approx(0.025, rel=1e-12)


def test_without_a_current_there_is_no_internal_resistance() -> None:
    assert (
        summarise(trace(np.array([0.0, 1.0]), np.zeros(2), np.full(2, 4.0))).internal_resistance_ohms is None
    )


def test_heat_is_there_where_the_model_gives_it() -> None:
    whole = trace(np.array([0.0, 3600.0]), np.ones(2), np.full(2, 4.0))
    assert summarise(whole).heat_watt_hours is None

    whole.values[HEATING] = np.array([1.0, 3.0])
    assert summarise(whole).heat_watt_hours == 2


@pytest.mark.parametrize(("reason", "partial"), [("WallClockLimit", True), ("LowerCutOff", False)])
def test_a_result_says_whether_it_is_partial(reason: str, partial: bool) -> None:
    whole = trace(np.array([0.0, 1.0]), np.ones(2), np.full(2, 4.0))._replace(end_reason=EndReason(reason))

    assert summarise(whole).partial is partial


def test_an_impedance_has_no_time() -> None:
    values = {column.name: np.array([0.0, 0.0]) for column in IMPEDANCE_COLUMNS}
    values |= {"Frequency [Hz]": np.array([1e3, 1e-3]), "Real impedance [Ohm]": np.array([0.02, 0.07])}

    summary = summarise(Trace(values, np.full(2, True), EndReason.SWEEP_FINISHED, columns=IMPEDANCE_COLUMNS))

    assert summary.to_json_dict() == {
        "endReason": "SweepFinished",
        "partial": False,
        "highFrequencyResistanceOhms": 0.02,
        "lowFrequencyResistanceOhms": 0.07,
    }
