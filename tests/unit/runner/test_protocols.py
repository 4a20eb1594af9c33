"""Each protocol is what PyBaMM says when it is called directly, on the same points, with the same solver."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim.catalogue import drive_cycle
from batterysim.results import EndReason
from batterysim_runner.solution import solve
from batterysim_runner.summary import summarise
from batterysim_runner.trace import Trace
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


def test_a_cycle_scaled_and_repeated() -> None:
    trace = run({"driveCycle": {"name": "US06", "scale": 0.5, "repeat": 2}})

    cycle = drive_cycle("US06")
    once = np.trapezoid(cycle.values, cycle.times_seconds) / 3600
    assert summarise(trace).discharge_capacity_ampere_hours == pytest.approx(once, rel=1e-9)
    assert summarise(trace).end_time_seconds == 1200


def test_a_power_profile_delivers_its_energy() -> None:
    trace = run({"profile": {"quantity": "Power", "csv": CSV}})

    energy = np.trapezoid([0, 5, 5, -2, 0], KNOTS) / 3600
    assert summarise(trace).discharge_energy_watt_hours == pytest.approx(energy, rel=1e-5)


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
    assert trace.output()["Time [s]"].tolist() == solution.t.tolist()
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
