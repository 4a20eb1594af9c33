"""A solved spec is what PyBaMM says when it is called directly, on the same grid."""

from typing import Any

import numpy as np
import pybamm
import pytest
from numpy.typing import NDArray

from batterysim.catalogue.parameters import drive_cycle
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of, us06

COMPARED = (
    "Current [A]",
    "Voltage [V]",
    "Discharge capacity [A.h]",
    "Power [W]",
    "Bulk open-circuit voltage [V]",
)
TOLERANCE = 1e-9


def by_pybamm(
    times: NDArray[np.float64],
    knots: list[float] | NDArray[np.float64],
    *,
    family: str = "DFN",
    parameters: dict[str, Any],
    initial_soc: float | None = None,
    without_event: str = "",
    solver: pybamm.BaseSolver | None = None,
) -> pybamm.Solution:
    """Solve with PyBaMM alone, in the way its own examples do."""
    model = getattr(pybamm.lithium_ion, family)()
    model.events = [event for event in model.events if event.name != without_event]
    values = pybamm.ParameterValues("Chen2020")
    values.update(parameters)
    return pybamm.Simulation(model, parameter_values=values, solver=solver).solve(
        knots, t_interp=times, initial_soc=initial_soc
    )


def assert_equal(trace: Trace, solution: pybamm.Solution) -> None:
    """Compare the points of the result with PyBaMM's, which has them all and maybe a cut-off's as well."""
    ours = trace.output()
    assert ours["Time [s]"][:-1].tolist() == solution["Time [s]"].entries[:-1].tolist()
    assert ours["Time [s]"][-1] == pytest.approx(solution["Time [s]"].entries[-1], rel=TOLERANCE)
    for name in COMPARED:
        np.testing.assert_allclose(
            ours[name], solution[name].entries, rtol=TOLERANCE, atol=1e-12, err_msg=name
        )


@pytest.mark.parametrize("family", ["SPM", "SPMe", "DFN"])
def test_a_constant_current(family: str) -> None:
    trace = solve(spec_of(model={"family": family}, protocol=constant_current(5, 1800)))

    expected = by_pybamm(
        np.linspace(0, 1800, 101), [0, 1800], family=family, parameters={"Current function [A]": 5.0}
    )
    assert_equal(trace, expected)
    assert trace.end_reason == "DurationReached"


@pytest.mark.parametrize(
    ("cell", "amperes", "parameters", "initial_soc"),
    [
        ({"initialStateOfCharge": 0.3}, -2.5, {}, 0.3),
        ({"initialStateOfCharge": 1.0}, 5, {}, 1.0),
        (
            {"ambientTemperatureCelsius": 5},
            5,
            {"Ambient temperature [K]": 278.15, "Initial temperature [K]": 278.15},
            None,
        ),
        (
            {"parameters": {"Negative electrode thickness [m]": 9e-05}},
            5,
            {"Negative electrode thickness [m]": 9e-05},
            None,
        ),
        ({"nominalCapacityAmpereHours": 8.6}, 5, {"Nominal cell capacity [A.h]": 8.6}, None),
    ],
    ids=["charge", "full", "cold", "override", "nominal capacity"],
)
def test_what_is_said_about_the_cell(
    cell: Json, amperes: float, parameters: Json, initial_soc: float | None
) -> None:
    trace = solve(spec_of(cell=cell, protocol=constant_current(amperes, 600)))

    expected = by_pybamm(
        np.linspace(0, 600, 101),
        [0, 600],
        parameters=parameters | {"Current function [A]": amperes},
        initial_soc=initial_soc,
    )
    assert_equal(trace, expected)


@pytest.fixture(scope="module")
def us06_trace() -> Trace:
    return solve(spec_of(cell={"initialStateOfCharge": 0.8}, protocol=us06()))


def test_us06_from_a_state_of_charge_of_0_8(us06_trace: Trace) -> None:
    assert_equal(us06_trace, us06_by_pybamm(0.8))
    assert us06_trace.end_reason == "DurationReached"


def test_us06_goes_on_above_an_upper_cut_off_that_is_ignored() -> None:
    spec = spec_of(model={"family": "SPMe"}, protocol=us06(), cutOffPolicy={"upper": "Ignore"})

    trace = solve(spec)

    assert_equal(trace, us06_by_pybamm(None, family="SPMe", without_event="Maximum voltage [V]"))
    assert summarise(trace).max_volts > 4.2
    assert summarise(trace).end_time_seconds == 600


def test_us06_stops_at_the_upper_cut_off_otherwise() -> None:
    trace = solve(spec_of(protocol=us06()))

    assert trace.end_reason == "UpperCutOff"
    assert summarise(trace).end_volts == pytest.approx(4.2, abs=1e-4)
    assert summarise(trace).end_time_seconds < 600


def us06_by_pybamm(initial_soc: float | None, **options: str) -> pybamm.Solution:
    cycle = drive_cycle("US06")
    times, currents = np.array(cycle.times_seconds), np.array(cycle.values)
    current = pybamm.Interpolant(times, currents, pybamm.t)
    return by_pybamm(
        times, times, parameters={"Current function [A]": current}, initial_soc=initial_soc, **options
    )


@pytest.mark.parametrize(
    ("cell", "amperes", "reason", "volts"),
    [
        ({}, 5, "LowerCutOff", 2.5),
        ({"lowerCutoffVolts": 3.2}, 5, "LowerCutOff", 3.2),
        ({"initialStateOfCharge": 0.7}, -5, "UpperCutOff", 4.2),
        ({"initialStateOfCharge": 0.5, "upperCutoffVolts": 4.0}, -5, "UpperCutOff", 4.0),
    ],
    ids=["lower", "lower, of one's own", "upper", "upper, of one's own"],
)
def test_a_cut_off_ends_the_run_and_is_its_last_point(
    cell: Json, amperes: float, reason: str, volts: float
) -> None:
    trace = solve(spec_of(cell=cell, protocol=constant_current(amperes, 7200), output={"periodSeconds": 60}))

    summary = summarise(trace)
    times = trace.output()["Time [s]"]
    assert summary.end_reason == reason
    assert summary.end_volts == pytest.approx(volts, abs=1e-4)
    assert times[-1] == summary.end_time_seconds < 7200
    assert (times[:-1] % 60 == 0).all()
    assert len(times) == summary.end_time_seconds // 60 + 2


def test_the_charge_is_current_times_time_to_the_last_digit() -> None:
    summary = summarise(solve(spec_of(protocol=constant_current(5, 7200))))

    assert summary.discharge_capacity_ampere_hours == pytest.approx(
        5 * summary.end_time_seconds / 3600, rel=1e-12
    )


def test_the_charge_of_a_drive_cycle_is_the_integral_of_its_current(us06_trace: Trace) -> None:
    cycle = drive_cycle("US06")
    drawn = np.trapezoid(cycle.values, cycle.times_seconds) / 3600

    assert summarise(us06_trace).discharge_capacity_ampere_hours == pytest.approx(drawn, rel=1e-12)


@pytest.mark.parametrize("output", [{"points": 2}, {"points": 11}, {"periodSeconds": 7}, {"points": 2000}])
def test_the_energy_does_not_depend_on_the_points_of_the_result(output: Json) -> None:
    usual = summarise(solve(spec_of(model={"family": "SPM"})))

    other = summarise(solve(spec_of(model={"family": "SPM"}, output=output)))

    assert other.discharge_energy_watt_hours == pytest.approx(usual.discharge_energy_watt_hours, rel=1e-5)
    assert other.end_time_seconds == pytest.approx(usual.end_time_seconds, rel=1e-6)


@pytest.mark.parametrize(
    ("tolerance", "solver"),
    [
        ({"relativeTolerance": 1e-7}, pybamm.IDAKLUSolver(rtol=1e-7)),
        ({"absoluteTolerance": 1e-4}, pybamm.IDAKLUSolver(atol=1e-4)),
    ],
    ids=["relative", "absolute"],
)
def test_each_tolerance_reaches_the_solver(tolerance: Json, solver: pybamm.BaseSolver) -> None:
    protocol, model = constant_current(5, 1800), {"family": "SPMe"}
    parameters = {"Current function [A]": 5.0}
    usual = solve(spec_of(model=model, protocol=protocol))

    trace = solve(spec_of(model=model, protocol=protocol, solver=tolerance))

    times = np.linspace(0, 1800, 101)
    assert_equal(trace, by_pybamm(times, [0, 1800], family="SPMe", parameters=parameters, solver=solver))
    assert (trace.values["Voltage [V]"] != usual.values["Voltage [V]"]).any()
