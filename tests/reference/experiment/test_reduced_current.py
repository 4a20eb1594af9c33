"""With onCutOff: ReduceCurrent a step goes on at a cut-off, with the current that keeps the voltage there."""

import numpy as np
import pybamm
import pytest

from batterysim.checks.validation import parse_spec
from batterysim.problem import InvalidSpecError
from batterysim.results import EndReason
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json

TIGHT = {"relativeTolerance": 1e-8, "absoluteTolerance": 1e-10}


def reduced(*steps: Json | str, family: str = "DFN", soc: float = 0.9, **spec: Json) -> Trace:
    field = "steps" if isinstance(steps[0], str) else "structuredSteps"
    experiment = {field: list(steps), "onCutOff": "ReduceCurrent"}
    return solve(
        parse_spec(
            {
                "model": {"family": family},
                "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": soc},
                "protocol": {"experiment": experiment},
                **spec,
            }
        )
    )


def at(trace: Trace, seconds: float, name: str) -> float:
    return float(np.interp(seconds, trace.values["Time [s]"], trace.values[name]))


@pytest.mark.parametrize("family", ["SPM", "SPMe", "DFN"])
def test_a_charge_equals_one_that_holds_the_cut_off_for_the_rest_of_its_time(family: str) -> None:
    trace = reduced({"cRate": -0.5, "durationSeconds": 3600}, family=family, solver=TIGHT)

    simulation = pybamm.Simulation(
        getattr(pybamm.lithium_ion, family)(),
        parameter_values=pybamm.ParameterValues("Chen2020"),
        experiment=pybamm.Experiment(["Charge at 0.5C until 4.2 V", "Hold at 4.2 V for 3600 seconds"]),
        solver=pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-10),
    )
    by_hand = simulation.solve(initial_soc=0.9)
    assert trace.end_reason is EndReason.STEPS_FINISHED
    assert trace.values["Time [s]"][-1] == 3600
    # the bend takes a thousandth of the current, the difference in charge is what is left of it
    for seconds in (10, 600, 1800, 3600):
        assert at(trace, seconds, "Current [A]") == pytest.approx(
            float(by_hand["Current [A]"](seconds)), rel=2e-4
        )
        assert at(trace, seconds, "Voltage [V]") == pytest.approx(
            float(by_hand["Voltage [V]"](seconds)), abs=1e-5
        )


def test_a_regenerative_pulse_goes_on_at_the_upper_cut_off() -> None:
    cycle = {
        "profile": {"quantity": "Power", "csv": "0,20\n30,20\n31,-40\n60,-40\n61,20\n120,20"},
    }
    trace = reduced(cycle, soc=0.97)

    volts, amperes = trace.values["Voltage [V]"], trace.values["Current [A]"]
    watts = volts * amperes
    seconds = trace.values["Time [s]"]
    pulse = (seconds > 40) & (seconds < 60)
    assert seconds[-1] == 120
    assert volts.max() == pytest.approx(4.2, abs=1e-5)
    assert volts[pulse].min() == pytest.approx(4.2, abs=1e-5)
    assert (watts[pulse] > -40).all()
    assert (amperes[pulse] < 0).all()
    assert at(trace, 20, "Voltage [V]") * at(trace, 20, "Current [A]") == pytest.approx(20, rel=1e-6)
    assert watts[-1] == pytest.approx(20, rel=1e-6)
    assert trace.steps is not None
    assert trace.steps[0].reduced_seconds == pytest.approx(29, abs=2)


@pytest.mark.parametrize("amount", ["1C", "5 A", "15 W", "0.6 Ohm"])
def test_a_discharge_goes_on_at_the_lower_cut_off(amount: str) -> None:
    trace = reduced(f"Discharge at {amount} for 30 minutes", soc=0.1)

    volts, amperes = trace.values["Voltage [V]"], trace.values["Current [A]"]
    assert trace.values["Time [s]"][-1] == 1800
    assert volts[-1] == pytest.approx(2.5, abs=2e-4)
    assert volts.min() > 2.5 - 2e-4
    assert 0 < amperes[-1] < 0.5 * amperes[0]


def test_a_cell_past_the_cut_off_takes_no_charge_and_gives_none() -> None:
    trace = reduced(
        {"cRate": -1, "durationSeconds": 60},
        soc=1,
        cell={"parameterSet": "Chen2020", "initialStateOfCharge": 1, "upperCutoffVolts": 4.1},
    )

    assert np.abs(trace.values["Current [A]"]).max() < 1e-6
    assert trace.values["Voltage [V]"].min() > 4.1
    assert trace.steps is not None
    assert trace.steps[0].reduced_seconds == 60


def test_where_no_cut_off_is_met_nothing_changes() -> None:
    step = {"cRate": 1, "durationSeconds": 600}
    trace = reduced(step, soc=0.5, solver=TIGHT)

    plain = solve(
        parse_spec(
            {
                "model": {"family": "DFN"},
                "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 0.5},
                "protocol": {"experiment": {"structuredSteps": [step]}},
                "solver": TIGHT,
            }
        )
    )
    for seconds in (1, 300, 600):
        assert at(trace, seconds, "Voltage [V]") == pytest.approx(at(plain, seconds, "Voltage [V]"), abs=1e-6)
    assert trace.steps is not None
    assert trace.steps[0].reduced_seconds == 0


def reduced_seconds(*steps: Json, soc: float) -> float | None:
    trace = reduced(*steps, soc=soc, family="SPM")
    assert trace.steps is not None
    return trace.steps[0].reduced_seconds


@pytest.mark.parametrize("quantity", ["Current", "CRate", "Power"])
def test_a_full_cell_that_rests_and_gives_is_not_reduced(quantity: str) -> None:
    csv = "0,0\n600,0\n601,1\n700,1\n701,0\n1000,0\n"

    assert reduced_seconds({"profile": {"quantity": quantity, "csv": csv}}, soc=1) == 0


@pytest.mark.parametrize("quantity", ["Current", "CRate", "Power"])
def test_a_full_cell_is_reduced_while_it_is_asked_to_take(quantity: str) -> None:
    csv = "0,0\n600,0\n601,-1\n660,-1\n661,0\n1000,0\n"

    seconds = reduced_seconds({"profile": {"quantity": quantity, "csv": csv}}, soc=1)

    assert seconds == pytest.approx(61, abs=1)


def test_an_empty_cell_is_reduced_by_a_resistance() -> None:
    assert reduced_seconds({"ohms": 1, "durationSeconds": 60}, soc=0) == 60


def test_a_current_that_is_taken_whole_just_below_the_cut_off_is_not_reduced() -> None:
    """1 mA at 4.1995 V."""
    assert reduced_seconds({"currentAmperes": -0.001, "durationSeconds": 60}, soc=0.9995) == 0


def test_an_ignored_cut_off_reduces_nothing() -> None:
    trace = reduced(
        {"cRate": -0.5, "durationSeconds": 600}, cutOffPolicy={"lower": "Stop", "upper": "Ignore"}
    )

    assert trace.values["Voltage [V]"].max() > 4.21
    np.testing.assert_allclose(trace.values["Current [A]"], -2.5, rtol=1e-7)


def test_a_step_without_a_time_ends_at_the_cut_off_as_before() -> None:
    trace = reduced({"cRate": -0.5, "untilVolts": 4.2}, {"rest": True, "durationSeconds": 60})

    assert trace.steps is not None
    assert trace.steps[0].reduced_seconds is None
    assert trace.end_reason is EndReason.STEPS_FINISHED


def test_a_pack_has_no_such_choice() -> None:
    with pytest.raises(InvalidSpecError, match=r"onCutOff.*single cells"):
        reduced({"cRate": -0.5, "durationSeconds": 600}, pack={"seriesCount": 2, "parallelCount": 1})
