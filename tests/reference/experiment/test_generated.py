"""Experiments that nobody has thought of: each ends as its words say, or is rejected in words.

GENERATED_EXPERIMENTS=400 tries other ones, and as many.
"""

import os
from typing import Any

import numpy as np
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from batterysim.problem import InvalidSpecError
from batterysim.results import STATE_OF_CHARGE, TIME, VOLTAGE, EndReason
from batterysim_runner.errors import RunError
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, spec_of

COUNT = int(os.environ.get("GENERATED_EXPERIMENTS", "0"))
LIMIT_SECONDS = 20
LOOSE_VOLTS = 2e-3
NOTHING_AMPERE_HOURS = 1e-6

seconds = st.sampled_from([10, 60, 300])
rates = st.sampled_from([0.2, 1.0, 2.0])
conditions = st.one_of(
    st.builds(lambda v: {"variable": VOLTAGE.name, "below": v}, st.sampled_from([3.2, 3.6])),
    st.builds(lambda v: {"variable": VOLTAGE.name, "above": v}, st.sampled_from([3.8, 4.1])),
    st.builds(lambda v: {"variable": STATE_OF_CHARGE.name, "below": v}, st.sampled_from([0.2, 0.49])),
    st.builds(lambda v: {"variable": "Discharge capacity [A.h]", "above": v}, st.sampled_from([0.05, 0.5])),
)
untils = st.lists(conditions, min_size=1, max_size=2)
profiles = st.builds(
    lambda first, second: {"quantity": "Current", "csv": f"0,0\n20,{first}\n40,{second}\n60,0"},
    st.sampled_from([-5, 5, 10]),
    st.sampled_from([-5, 0, 5]),
)


@st.composite
def steps(draw: st.DrawFn) -> Json:
    """Return a structured step, with whatever ends it may have."""
    kind = draw(st.sampled_from(["discharge", "charge", "rest", "hold", "profile", "power"]))
    step: Json = {"durationSeconds": draw(seconds)}
    match kind:
        case "discharge":
            step |= {"cRate": draw(rates)} | draw(
                st.sampled_from(
                    [{}, {"untilVolts": 3.5}, {"untilStateOfCharge": 0.45}, {"untilAmpereHours": 0.1}]
                )
            )
        case "charge":
            step |= {"cRate": -draw(rates)} | draw(
                st.sampled_from(
                    [{}, {"untilVolts": 4.0}, {"untilStateOfCharge": 0.55}, {"untilAmpereHours": 0.1}]
                )
            )
        case "rest":
            step |= {"rest": True}
        case "hold":
            step |= {"volts": draw(st.sampled_from([3.6, 3.9]))} | draw(
                st.sampled_from([{}, {"untilAmperes": 1.0}])
            )
        case "power":
            step |= {"powerWatts": draw(st.sampled_from([-10.0, 15.0]))}
        case _:
            step = {"profile": draw(profiles)}
    if draw(st.booleans()):
        step |= {"until": draw(untils)}
    return step


@st.composite
def blocks(draw: st.DrawFn) -> Json:
    block: Json = {
        "structuredSteps": draw(st.lists(steps(), min_size=1, max_size=2)),
        "repeat": draw(st.integers(1, 2)),
    }
    return (
        block
        | draw(st.sampled_from([{}, {"everyCycles": 2}, {"fromCycle": 2}]))
        | ({"until": draw(untils)} if draw(st.booleans()) else {})
    )


@st.composite
def experiments(draw: st.DrawFn) -> Json:
    """Return an experiment: of steps, or of blocks that are in some cycles only."""
    choices = {"onCutOff": ["Stop", "NextStep", "ReduceCurrent"], "onReachedEnd": ["Stop", "NextStep"]}
    fields: Json = {name: draw(st.sampled_from(words)) for name, words in choices.items()}
    fields |= {"cycles": draw(st.integers(1, 2))}
    if draw(st.booleans()):
        fields |= {"until": draw(untils)}
    if draw(st.booleans()):
        return fields | {"blocks": draw(st.lists(blocks(), min_size=1, max_size=2))}
    return fields | {"structuredSteps": draw(st.lists(steps(), min_size=1, max_size=4))}


def written_steps(experiment: Json) -> list[Json]:
    if "structuredSteps" in experiment:
        return list(experiment["structuredSteps"])
    return [step for block in experiment["blocks"] for step in block["structuredSteps"]]


@settings(
    max_examples=COUNT or 15,
    derandomize=not COUNT,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(experiments())
def test_an_experiment_does_what_its_steps_say_or_is_rejected_in_words(experiment: Json) -> None:
    solved = trace_or_words(experiment)
    if isinstance(solved, str):
        event("rejected")
        assert "Traceback" not in solved
        assert len(solved) > 20
        return

    trace = solved
    event(f"solved, {trace.end_reason}")
    assert trace.end_reason in (
        EndReason.STEPS_FINISHED,
        EndReason.CONDITION_REACHED,
        EndReason.INFEASIBLE_STEP,
    )
    times, volts = trace.values[TIME.name], trace.values[VOLTAGE.name]
    assert (np.diff(times) > 0).all()
    assert volts.min() > 2.5 - LOOSE_VOLTS
    assert volts.max() < 4.2 + LOOSE_VOLTS
    written = written_steps(experiment)
    began = 0.0
    for record in trace.steps or []:
        check(written[record.step - 1], record.model_dump(), record.end_time_seconds - began)
        began = record.end_time_seconds


def trace_or_words(experiment: Json) -> Trace | str:
    """Solve an experiment, or return why it cannot be."""
    try:
        return solve(
            spec_of(
                model={"family": "SPM"},
                cell={"initialStateOfCharge": 0.5},
                protocol={"experiment": experiment},
                solver={"wallClockLimitSeconds": LIMIT_SECONDS},
            )
        )
    except (InvalidSpecError, RunError) as error:
        return str(error)


def check(step: Json, record: dict[str, Any], lasted: float) -> None:
    """Check that a step did not run the wrong way, and no longer than it may."""
    assert lasted <= step.get("durationSeconds", 60) * (1 + 1e-9) + 1e-9
    if record["discharge_capacity_ampere_hours"] is None:
        return
    way = step.get("cRate", step.get("powerWatts", 0))
    if way > 0 or "rest" in step:
        assert record["charge_capacity_ampere_hours"] < NOTHING_AMPERE_HOURS
    if way < 0 or "rest" in step:
        assert record["discharge_capacity_ampere_hours"] < NOTHING_AMPERE_HOURS
    if "cRate" in step:
        moved = record["discharge_capacity_ampere_hours"] + record["charge_capacity_ampere_hours"]
        asked = abs(step["cRate"]) * 5 * lasted / 3600
        if record["reduced_seconds"]:
            assert moved < asked * (1 + 1e-3)
        else:
            np.testing.assert_allclose(moved, asked, rtol=1e-3, atol=1e-6)
