"""Steps field by field do what PyBaMM's own steps do."""

from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim.problem import InvalidSpecError
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import spec_of


def run(*steps: dict[str, Any], options: dict[str, Any] | None = None, **spec: Any) -> Trace:
    return solve(
        spec_of(
            model={"family": "SPM", **({"options": options} if options else {})},
            protocol={"experiment": {"structuredSteps": list(steps)}},
            **spec,
        )
    )


def bare(*steps: pybamm.step.BaseStep, options: dict[str, Any] | None = None) -> pybamm.Solution:
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPM(options),
        parameter_values=pybamm.ParameterValues("Chen2020"),
        experiment=pybamm.Experiment([steps]),
    )
    return simulation.solve(calc_esoh=False)


def test_every_kind_of_step_equals_pybamms_own() -> None:
    trace = run(
        {"currentAmperes": 5, "durationSeconds": 600},
        {"cRate": 0.5, "untilVolts": 3.6},
        {"powerWatts": -10, "durationSeconds": 300},
        {"ohms": 1, "durationSeconds": 300},
        {"volts": 3.8, "untilAmperes": 0.5},
        {"rest": True, "durationSeconds": 600},
        {"text": "Discharge at 1 A for 5 minutes"},
    )
    step = pybamm.step
    solution = bare(
        step.current(5, duration=600, termination="<2.5 V"),
        step.c_rate(0.5, termination=["3.6 V", "<2.5 V"]),
        step.power(-10, duration=300, termination=">4.2 V"),
        step.resistance(1, duration=300, termination="<2.5 V"),
        step.voltage(3.8, termination="0.5 A"),
        step.rest(600),
        step.string("Discharge at 1 A for 5 minutes"),
    )

    assert [record.ended_by for record in trace.steps or []] == [
        step.termination for step in solution.cycles[0].steps
    ]
    np.testing.assert_allclose(trace.values["Time [s]"], solution.t, rtol=1e-9)
    for column in ("Voltage [V]", "Current [A]", "Discharge capacity [A.h]"):
        np.testing.assert_allclose(trace.values[column], solution[column].entries, rtol=1e-9, atol=1e-12)


def test_the_cells_cut_offs_end_a_structured_step_too() -> None:
    trace = run({"currentAmperes": 5, "durationSeconds": 7200}, {"rest": True, "durationSeconds": 600})

    assert (trace.steps or [])[0].ended_by == "event: Voltage < 2.5 [V] [experiment]"
    assert trace.values["Voltage [V]"].min() == pytest.approx(2.5, abs=1e-6)


def test_a_held_voltage_past_a_cut_off_is_refused_by_its_field() -> None:
    with pytest.raises(
        InvalidSpecError, match=r"structuredSteps\[1\]: 'Hold at 4.3 V for 60 s': this voltage"
    ):
        run({"rest": True, "durationSeconds": 60}, {"volts": 4.3, "durationSeconds": 60})


@pytest.mark.parametrize("thermal", ["isothermal", "lumped"])
def test_a_steps_ambient_temperature_is_the_cells_surroundings(thermal: str) -> None:
    options = {"thermal": thermal}
    trace = run(
        {"rest": True, "durationSeconds": 600},
        {"currentAmperes": 5, "durationSeconds": 600, "ambientTemperatureCelsius": 45},
        {"rest": True, "durationSeconds": 3600, "ambientTemperatureCelsius": 0},
        options=options,
    )
    solution = bare(
        pybamm.step.rest(600),
        pybamm.step.current(5, duration=600, temperature="45oC", termination="<2.5 V"),
        pybamm.step.rest(3600, temperature="0oC"),
        options=options,
    )

    temperature = trace.values["Volume-averaged cell temperature [C]"]
    np.testing.assert_allclose(
        temperature, solution["Volume-averaged cell temperature [C]"].entries, rtol=1e-9, atol=1e-9
    )
    ends = {float(time): value for time, value in zip(trace.values["Time [s]"], temperature, strict=True)}
    assert ends[600.0] == pytest.approx(25)
    # a lumped cell follows its surroundings in its own time, and warms itself
    assert ends[1200.0] == pytest.approx(45 if thermal == "isothermal" else 39.6, abs=0.1)
    assert ends[4800.0] == pytest.approx(0 if thermal == "isothermal" else 0.5, abs=0.1)


def test_each_step_can_have_a_period_of_its_own() -> None:
    output = run(
        {"text": "Rest for 10 minutes", "periodSeconds": 300},
        {"currentAmperes": 5, "durationSeconds": 100, "periodSeconds": 25},
        {"rest": True, "durationSeconds": 600},
        output={"periodSeconds": 200},
    ).output()

    expected = [0, 300, 600, 600, 625, 650, 675, 700, 700, 900, 1100, 1300]
    np.testing.assert_allclose(output["Time [s]"], expected)


def test_a_period_in_a_steps_words_is_its_own_too() -> None:
    trace = run({"text": "Discharge at 5 A for 10 minutes (5 minute period)"})

    np.testing.assert_allclose(trace.output()["Time [s]"], [0, 300, 600])
    assert len(trace.values["Time [s]"]) > 10  # what the summary is made of


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Rest for 1 hour or until 3 V", "a rest can only end after a time"),
        ("Rest until 3 V", "a rest can only end after a time"),
        ("Hold at 4 V until 4.1 V", "a voltage that is held cannot end at another voltage"),
        ("Discharge at 1C until 50 mA", "a current that is held cannot end at another current"),
        ("Rest for -1 hour", "a step cannot take that long"),
        ("Discharge at C/0 for 1 hour", "a C-rate cannot be divided by 0"),
        ("Discharge at  for 1 hour", "write an amount such as 5 A, C/2 or 10 W"),
    ],
)
def test_words_that_pybamm_would_take_for_something_else(text: str, said: str) -> None:
    with pytest.raises(InvalidSpecError, match=said):
        run({"text": text})
