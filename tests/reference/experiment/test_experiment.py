"""Experiments do what PyBaMM does, with the cell's cut-offs on top, and leave out no step in silence."""

import re
from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim.checks.validation import parse_spec
from batterysim.problem import InvalidSpecError
from batterysim.results import EndReason
from batterysim_runner.errors import InfeasibleError, SolverFailedError
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve

CCCV = (
    "Discharge at 1C until 3.0 V",
    "Charge at 1C until 4.1 V",
    "Hold at 4.1 V until 50 mA",
    "Rest for 1 hour",
)


def run(*steps: str, cycles: int = 1, **spec: Any) -> Trace:
    """Solve an experiment with an SPM, the quickest model, unless told otherwise."""
    rules = {name: spec.pop(name) for name in ("onCutOff", "onReachedEnd") if name in spec}
    raw = {
        "model": {"family": spec.pop("family", "SPM")},
        "cell": {"parameterSet": "Chen2020", **spec.pop("cell", {})},
        "protocol": {"experiment": {"steps": list(steps), "cycles": cycles, **rules}},
        **spec,
    }
    return solve(parse_spec(raw))


def bare(*steps: str, cycles: int = 1, period: str | None = None) -> pybamm.Solution:
    """Solve the same with PyBaMM alone."""
    experiment = pybamm.Experiment([steps] * cycles, **({} if period is None else {"period": period}))
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPM(),
        parameter_values=pybamm.ParameterValues("Chen2020"),
        experiment=experiment,
    )
    return simulation.solve(calc_esoh=False)


def test_it_equals_pybamm_where_no_cut_off_is_met() -> None:
    trace = run(*CCCV, cycles=2)
    solution = bare(*CCCV, cycles=2)

    assert np.array_equal(trace.values["Time [s]"], solution.t)
    for column in ("Voltage [V]", "Current [A]", "Discharge capacity [A.h]"):
        np.testing.assert_allclose(trace.values[column], solution[column].entries, rtol=1e-9, atol=1e-12)


def test_a_period_gives_the_points_that_pybamm_gives_for_it() -> None:
    trace = run(*CCCV, output={"periodSeconds": 60})
    solution = bare(*CCCV, period="60 seconds")

    output = trace.output()
    np.testing.assert_allclose(output["Time [s]"], solution.t, rtol=1e-4)
    np.testing.assert_allclose(output["Voltage [V]"], solution["Voltage [V]"].entries, rtol=1e-5)


def test_the_summary_does_not_depend_on_the_period() -> None:
    by_solver, every_ten_minutes = (
        summarise(run(*CCCV, output=output)) for output in ({}, {"periodSeconds": 600})
    )

    # The run turns over about 34 W.h; more points hit the voltage between the solver's own a little better.
    assert every_ten_minutes.discharge_energy_watt_hours == pytest.approx(
        by_solver.discharge_energy_watt_hours, abs=1e-4 * 34
    )
    assert every_ten_minutes.discharge_capacity_ampere_hours == pytest.approx(
        by_solver.discharge_capacity_ampere_hours, abs=1e-9
    )


def test_a_discharge_ends_at_the_cells_cut_off_and_the_next_step_follows() -> None:
    trace = run("Discharge at 1C for 2 hours", "Rest for 10 minutes")

    first, second = trace.steps or []
    assert trace.values["Voltage [V]"].min() == pytest.approx(2.5, abs=1e-6)
    assert first.ended_by == "event: Voltage < 2.5 [V] [experiment]"
    assert (second.instruction, second.ended_by) == ("Rest for 10 minutes", "final time")
    assert trace.end_reason is EndReason.STEPS_FINISHED


def test_a_charge_ends_at_the_cells_cut_off() -> None:
    trace = run("Charge at 1C for 2 hours", cell={"initialStateOfCharge": 0.5, "upperCutoffVolts": 4.0})

    assert trace.values["Voltage [V]"].max() == pytest.approx(4.0, abs=1e-6)


def test_pybamm_alone_goes_one_volt_past_the_cut_off() -> None:
    """The trap that the cut-offs are there for; when PyBaMM mends it, so can we."""
    assert bare("Discharge at 1C for 2 hours")["Voltage [V]"].entries.min() == pytest.approx(1.5, abs=1e-3)


def test_a_cut_off_can_be_ignored_up_to_pybamms_own_limit() -> None:
    trace = run("Discharge at 1C until 2.3 V", cutOffPolicy={"lower": "Ignore"})

    assert trace.values["Voltage [V]"].min() == pytest.approx(2.3, abs=1e-6)


def test_a_step_whose_own_end_is_reached_already_is_done() -> None:
    trace = run("Charge at 1C until 4.1 V", "Rest for 10 minutes", cell={"initialStateOfCharge": 1.0})

    assert (trace.steps or [])[0].ended_by == "Event exceeded in initial conditions"
    assert trace.values["Time [s]"][-1] == 600


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            ("Charge at 1C for 1 hour", "Rest for 10 minutes"),
            r"cycle 1, step 1 \('Charge at 1C for 1 hour'\) cannot",
        ),
        (("Charge at 1C until 4.1 V",), "no step of a cycle could begin"),
    ],
)
def test_a_step_that_cannot_begin_is_no_silent_gap(steps: tuple[str, ...], said: str) -> None:
    with pytest.raises(InfeasibleError, match=said):
        run(*steps, cell={"initialStateOfCharge": 1.0})


PULSES = (
    "Discharge at 1C for 10 seconds",
    "Rest for 40 seconds",
    "Charge at 1C for 10 seconds",
    "Rest for 40 seconds",
)
"""From 0.92 the regen pulse touches 4.2 V at once."""


def test_what_was_done_before_a_step_that_cannot_begin_is_kept() -> None:
    trace = run(*PULSES, cell={"initialStateOfCharge": 0.92}, family="SPMe")

    assert trace.end_reason is EndReason.INFEASIBLE_STEP
    assert trace.values["Time [s]"][-1] == pytest.approx(50)
    assert summarise(trace).discharge_capacity_ampere_hours == pytest.approx(5 * 10 / 3600)
    assert [record.step for record in trace.steps or []] == [1, 2, 3]


def test_the_next_step_follows_one_that_cannot_begin_if_asked_for() -> None:
    trace = run(*PULSES, cell={"initialStateOfCharge": 0.92}, family="SPMe", onCutOff="NextStep")

    assert trace.end_reason is EndReason.STEPS_FINISHED
    assert trace.values["Time [s]"][-1] == pytest.approx(90)


def test_a_step_that_is_over_before_it_begins_ends_the_run_if_asked_for() -> None:
    steps = ("Charge at C/10 until 4.1 V", "Rest for 1 minute", "Discharge at C/10 until 4.15 V")
    half = {"initialStateOfCharge": 0.7}

    assert run(*steps, cell=half).end_reason is EndReason.STEPS_FINISHED
    stopped = run(*steps, cell=half, onReachedEnd="Stop")
    assert stopped.end_reason is EndReason.INFEASIBLE_STEP
    assert len(stopped.values["Time [s]"]) > 10
    with pytest.raises(InfeasibleError, match=r"step 1 .* it is over before it begins"):
        run(*steps[2:], cell=half, onReachedEnd="Stop")


def test_a_solver_failure_on_the_way_names_the_step() -> None:
    with pytest.raises(SolverFailedError, match=r"cycle 1, step 2 .* a state of charge") as failed:
        run(
            "Rest for 1 minute",
            "Discharge at 10C for 2 hours",
            family="DFN",
            cutOffPolicy={"lower": "Ignore"},
        )

    seconds, volts = map(float, re.findall(r"It had come to (\S+) s, (\S+) V", str(failed.value))[0])
    assert 70 < seconds < 80
    assert volts < 2.5


def test_steps_that_cannot_be_understood_are_all_named() -> None:
    with pytest.raises(InvalidSpecError) as refused:
        run("foo", "Rest for 1 hour", "Discharge at 1C until 2.5V or for 1 hour", "Hold at 4.5 V for 1 hour")

    fields = [problem.field for problem in refused.value.problems]
    assert fields == [f"spec.protocol.experiment.steps[{number}]" for number in (0, 3)]
    assert "past a cut-off of the cell" in refused.value.problems[1].message


def test_a_hold_whose_current_is_small_already_is_done() -> None:
    trace = run("Charge at 1C until 4.1 V", "Hold at 4.1 V until 50 mA", "Hold at 4.1 V until 100 mA")

    assert [record.ended_by for record in trace.steps or []][1:] == [
        "event: abs(Current [A]) < 0.05 [A] [experiment]",
        "Event exceeded in initial conditions",
    ]


def test_the_charge_is_that_of_tight_tolerances() -> None:
    """Also with a held voltage, whose current an integral over few points does not hit."""
    tight = {"relativeTolerance": 1e-9, "absoluteTolerance": 1e-11}
    exact = summarise(run(*CCCV, solver=tight)).discharge_capacity_ampere_hours

    trace = run(*CCCV)

    integral = np.trapezoid(trace.values["Current [A]"], trace.values["Time [s]"]) / 3600
    assert abs(summarise(trace).discharge_capacity_ampere_hours - exact) < 2e-5
    assert abs(integral - exact) > 2e-5
