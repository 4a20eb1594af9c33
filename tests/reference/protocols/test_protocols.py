"""Each protocol is what PyBaMM says when it is called directly, on the same points, with the same solver."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim.catalogue.parameters import drive_cycle
from batterysim.results import EndReason
from batterysim_runner.protocols import profile
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace, charge_and_energy
from batterysim_runner.solution import solve
from tests.builders import Json, spec_of

HALF = {"initialStateOfCharge": 0.5}
CSV = "time,value\n0,0\n10,5\n60,5\n61,-2\n120,0\n"
TABLE = pybamm.Interpolant(np.array([0.0, 10, 60, 61, 120]), np.array([0.0, 5, 5, -2, 0]), pybamm.t)
KNOTS = np.array([0.0, 10, 60, 61, 120])


def run(protocol: Json, cell: Json = HALF, **spec: Any) -> Trace:
    return solve(spec_of(model={"family": "SPMe"}, cell=cell, protocol=protocol, **spec))


def by_pybamm(
    parameters: Mapping[str, Any],
    knots: list[float] | np.ndarray[Any, Any],
    times: np.ndarray[Any, Any] | None = None,
    operating_mode: str = "current",
    soc: float = 0.5,
) -> pybamm.Solution:
    """Solve with PyBaMM alone, in the way its own examples do."""
    model = pybamm.lithium_ion.SPMe({"operating mode": operating_mode})
    values = pybamm.ParameterValues("Chen2020")
    values.update(parameters, check_already_exists=False)
    return pybamm.Simulation(model, parameter_values=values).solve(knots, t_interp=times, initial_soc=soc)


def stepwise(*steps: Any, soc: float = 0.5) -> pybamm.Solution:
    """Do the steps of an experiment with PyBaMM alone."""
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPMe(),
        parameter_values=pybamm.ParameterValues("Chen2020"),
        experiment=pybamm.Experiment([tuple(steps)]),
    )
    return simulation.solve(initial_soc=soc, calc_esoh=False)


def assert_equal(trace: Trace, solution: pybamm.Solution) -> None:
    ours = trace.output()
    for name in ("Time [s]", "Voltage [V]", "Current [A]"):
        expected = solution[name](ours["Time [s]"]) if name != "Time [s]" else ours[name]
        np.testing.assert_allclose(ours[name], expected, rtol=1e-9, atol=1e-12, err_msg=name)
    assert ours["Time [s]"][-1] == pytest.approx(solution.t[-1], rel=1e-9)


def test_a_c_rate_refers_to_the_nominal_capacity() -> None:
    trace = run(
        {"constantCurrent": {"cRate": -0.5, "durationSeconds": 600}},
        HALF | {"nominalCapacityAmpereHours": 4},
    )

    assert_equal(trace, by_pybamm({"Current function [A]": -2.0}, [0, 600], np.linspace(0, 600, 101)))


def test_a_constant_power() -> None:
    trace = run({"constantPower": {"powerWatts": 10, "durationSeconds": 600}})

    assert_equal(trace, by_pybamm({"Power function [W]": 10.0}, [0, 600], np.linspace(0, 600, 101), "power"))
    assert trace.output()["Power [W]"] == pytest.approx(10, rel=1e-6)
    assert summarise(trace).discharge_energy_watt_hours == pytest.approx(10 * 600 / 3600, rel=1e-4)


def test_a_rest_of_a_full_cell() -> None:
    trace = run({"rest": {"durationSeconds": 600}}, {"initialStateOfCharge": 1})

    assert trace.output()["Voltage [V]"] == pytest.approx(4.2, abs=1e-6)
    assert summarise(trace).discharge_capacity_ampere_hours == 0


@pytest.mark.parametrize(("quantity", "mode"), [("Current", "current"), ("Power", "power")])
def test_a_profile_of_ones_own(quantity: str, mode: str) -> None:
    trace = run({"profile": {"quantity": quantity, "csv": CSV}})

    parameter = {"Current": "Current function [A]", "Power": "Power function [W]"}[quantity]
    assert trace.output()["Time [s]"].tolist() == KNOTS.tolist()
    # on the same points, because PyBaMM interpolates between them
    times = trace.values["Time [s]"]
    assert_equal(trace, by_pybamm({parameter: TABLE}, KNOTS, times, mode))


def test_a_voltage_profile_begins_at_the_cells_voltage() -> None:
    trace = run(
        {"profile": {"quantity": "Voltage", "csv": "0,3.9\n60,3.8\n120,3.9\n"}}, {"initialVolts": 3.9}
    )

    assert trace.output()["Voltage [V]"] == pytest.approx([3.9, 3.8, 3.9], rel=1e-6)
    assert trace.output()["Current [A]"][1] > 1


@pytest.mark.parametrize("family", ["SPM", "DFN"])
def test_a_voltage_profile_may_stay_at_the_cut_off_itself(family: str) -> None:
    spec = spec_of(
        model={"family": family},
        cell={"initialVolts": 4.0},
        protocol={"profile": {"quantity": "Voltage", "csv": "0,4.0\n60,4.2\n3600,4.2\n"}},
    )

    assert solve(spec).end_reason is EndReason.DURATION_REACHED


def test_a_voltage_profile_ends_where_it_passes_a_cut_off() -> None:
    trace = run({"profile": {"quantity": "Voltage", "csv": "0,4.0\n60,4.3\n"}}, {"initialVolts": 4.0})

    assert trace.end_reason is EndReason.UPPER_CUT_OFF
    assert trace.output()["Time [s]"][-1] == pytest.approx(40, rel=1e-6)


def test_a_voltage_profile_goes_past_a_cut_off_that_is_ignored() -> None:
    trace = run(
        {"profile": {"quantity": "Voltage", "csv": "0,4.0\n60,4.3\n"}},
        {"initialVolts": 4.0},
        cutOffPolicy={"upper": "Ignore"},
    )

    assert trace.end_reason is EndReason.DURATION_REACHED
    assert trace.output()["Voltage [V]"][-1] == pytest.approx(4.3, rel=1e-5)


def test_a_voltage_that_is_not_the_cells_own_begins_with_the_current_of_the_jump() -> None:
    trace = run({"profile": {"quantity": "Voltage", "csv": "0,4.0\n60,4.0\n"}})

    assert trace.output()["Voltage [V]"][0] == pytest.approx(4.0, rel=1e-9)
    assert trace.output()["Current [A]"][0] < -10


def test_a_profile_jumps_back_at_its_seam() -> None:
    trace = run({"profile": {"quantity": "Current", "csv": "0,0\n60,5\n", "repeat": 2}})

    assert trace.output()["Current [A]"] == pytest.approx([0, 5, 0, 5])
    assert summarise(trace).discharge_capacity_ampere_hours == pytest.approx(2 * 150 / 3600, rel=1e-6)


def test_a_long_profile_is_looked_up_faster_and_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = run({"profile": {"quantity": "Current", "csv": CSV}})
    monkeypatch.setattr(profile, "LONG_ROWS", 2)

    trace = run({"profile": {"quantity": "Current", "csv": CSV}})

    np.testing.assert_allclose(trace.values["Voltage [V]"], usual.values["Voltage [V]"], rtol=1e-9)


def test_a_long_profile_keeps_no_states_unless_variables_need_them() -> None:
    """So that a million points of a DFN do not take 7 GB; the numbers are the same to the last bit."""
    name = "X-averaged negative electrode potential [V]"
    usual = run({"profile": {"quantity": "Current", "csv": CSV}})

    trace = run({"profile": {"quantity": "Current", "csv": CSV}}, output={"variables": [name]})

    assert np.array_equal(trace.values["Voltage [V]"], usual.values["Voltage [V]"])
    assert len(trace.values[name]) == len(usual.values["Voltage [V]"])


def test_a_cycle_scaled_and_repeated() -> None:
    trace = run({"driveCycle": {"name": "US06", "scale": 0.5, "repeat": 2}})

    cycle = drive_cycle("US06")
    once = np.trapezoid(cycle.values, cycle.times_seconds) / 3600
    assert summarise(trace).discharge_capacity_ampere_hours == pytest.approx(once, rel=1e-9)
    assert summarise(trace).end_time_seconds == 1200


@pytest.mark.parametrize("output", [{}, {"solverPoints": True}])
def test_a_power_profile_delivers_its_energy(output: Json) -> None:
    trace = run({"profile": {"quantity": "Power", "csv": CSV}}, output=output)

    energy = np.trapezoid([0, 5, 5, -2, 0], KNOTS) / 3600
    assert summarise(trace).discharge_energy_watt_hours == pytest.approx(energy, rel=2e-5)


def test_the_energy_of_a_power_is_nearer_by_its_integral_than_by_pybamms_state() -> None:
    trace = run({"profile": {"quantity": "Power", "csv": CSV, "repeat": 5}}, {"initialVolts": 3.9})

    energy = 5 * np.trapezoid([0, 5, 5, -2, 0], KNOTS) / 3600
    by_integral, by_state = (
        abs(charge_and_energy(trace.values, by_state=by_state)[1].sum() - energy)
        for by_state in (False, True)
    )
    assert by_integral < by_state / 5


def test_a_held_voltage_for_a_time() -> None:
    trace = run({"constantVoltage": {"volts": 4.0, "durationSeconds": 600}}, output={"solverPoints": True})

    assert_equal(trace, stepwise(pybamm.step.voltage(4.0, duration=600)))
    assert trace.end_reason is EndReason.DURATION_REACHED


def test_a_held_voltage_until_the_current_is_small() -> None:
    hold = {"volts": 4.0, "durationSeconds": 36000, "cutOffAmperes": 0.1}

    trace = run({"constantVoltage": hold}, output={"solverPoints": True})

    assert_equal(trace, stepwise(pybamm.step.voltage(4.0, duration=36000, termination="0.1A")))
    assert trace.end_reason is EndReason.CURRENT_CUT_OFF
    assert trace.output()["Current [A]"][-1] == pytest.approx(-0.1, rel=1e-3)


def test_a_charge_with_constant_current_then_voltage() -> None:
    trace = run({"cccv": {"chargeCRate": 0.5}})

    assert_equal(
        trace,
        stepwise(
            pybamm.step.current(-2.5, duration=7 * 24 * 3600, termination="4.2V"),
            pybamm.step.voltage(4.2, duration=7 * 24 * 3600, termination="0.25A"),
        ),
    )
    assert trace.end_reason is EndReason.CURRENT_CUT_OFF
    assert trace.output()["Voltage [V]"].max() == pytest.approx(4.2, abs=1e-3)


def test_a_discharge_by_power_ends_at_the_cut_off() -> None:
    trace = run({"constantPower": {"powerWatts": 15, "durationSeconds": 7200}})

    assert trace.end_reason is EndReason.LOWER_CUT_OFF
    assert trace.output()["Voltage [V]"][-1] == pytest.approx(2.5, abs=1e-6)


def test_the_solvers_own_points() -> None:
    trace = run(
        {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 600}}, output={"solverPoints": True}
    )

    solution = by_pybamm({"Current function [A]": 5.0}, [0, 600])
    # the state at the start is equal but for rounding (docs/decisions/041-a-trimmed-run.md)
    assert trace.output()["Time [s]"] == pytest.approx(solution.t, rel=1e-12)
    assert_equal(trace, solution)


def test_c_over_50_comes_near_the_open_circuit_curve() -> None:
    """A slow discharge loses little: within 15 mV of the open-circuit voltage, but near empty."""
    trace = run(
        {"constantCurrent": {"cRate": 0.02, "durationSeconds": 45 * 3600}}, {"initialStateOfCharge": 1}
    )

    output = trace.output()
    lost = output["Bulk open-circuit voltage [V]"] - output["Voltage [V]"]
    assert (lost >= -1e-6).all()
    assert lost.max() < 0.015


@pytest.mark.parametrize("family", ["SPM", "DFN"])
@pytest.mark.parametrize("relative", [1e-6, 1e-8])
def test_a_power_leaves_zero_however_tight_the_tolerance(family: str, relative: float) -> None:
    """By default SUNDIALS gives up after ten tries: the tolerance of a current of zero is very small."""
    stop_and_go = {"quantity": "Power", "csv": "0,0\n10,0\n10.1,5\n60,5\n60.1,0\n80,0\n"}

    trace = solve(
        spec_of(
            model={"family": family},
            protocol={"profile": stop_and_go},
            solver={"relativeTolerance": relative, "absoluteTolerance": relative / 100},
        )
    )

    assert trace.end_reason == EndReason.DURATION_REACHED
    joules = 5 * (60 - 10.1) + 5 * 0.1
    assert summarise(trace).discharge_energy_watt_hours == pytest.approx(joules / 3600, rel=1e-7)
