"""A structured step has an end that it can reach, or is refused before a pod is started."""

from typing import Any

import pytest

from batterysim.checks.experiment import experiment_problems
from batterysim.problem import InvalidSpecError
from batterysim.spec.protocols.experiment import Step
from batterysim.spec.steps.text import describe_step
from tests.builders import spec_of


def experiment(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"experiment": {"structuredSteps": list(steps)}}


def refusal(*steps: dict[str, Any]) -> list[str]:
    """Return what is said of an experiment with these steps, without the part that all fields share."""
    with pytest.raises(InvalidSpecError) as refused:
        spec_of(protocol=experiment(*steps))
    return [
        str(problem).removeprefix("spec.protocol.experiment.structuredSteps")
        for problem in refused.value.problems
    ]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"volts": 4.2}, "[0]: the step has no end: set at least one of durationSeconds, untilVolts or"),
        ({"currentAmperes": 5}, "[0]: the step has no end"),
        ({"rest": True}, "[0]: a rest has no end of its own: set durationSeconds"),
        ({"cRate": 0}, "[0]: a rest has no end of its own: set durationSeconds"),
        ({"rest": True, "untilVolts": 3.6}, "[0].untilVolts: 3.6 cannot end a rest: remove it, and set"),
        ({"volts": 4.2, "untilVolts": 4.1}, "[0].untilVolts: 4.1 V is never reached while 4.2 V are held"),
        ({"cRate": 1, "untilAmperes": 0.05}, "[0].untilAmperes: 0.05 A is never reached by a constant"),
        (
            {"text": "Rest for 1 hour", "durationSeconds": 60},
            "[0].durationSeconds: 60 cannot be combined with text 'Rest for 1 hour': write the step's "
            "end into",
        ),
    ],
)
def test_an_end_that_is_missing_or_out_of_reach(step: dict[str, Any], said: str) -> None:
    (problem,) = refusal(step)

    assert problem.startswith(said)


def test_all_wrong_steps_are_named() -> None:
    problems = refusal({"volts": 4.2}, {"rest": True, "durationSeconds": 60}, {"ohms": 0.5})

    assert [problem.partition(":")[0] for problem in problems] == ["[0]", "[2]"]


def test_good_steps_and_steps_in_words_are_left_alone() -> None:
    good = spec_of(
        protocol=experiment(
            {"cRate": 1, "untilVolts": 2.5},
            {"volts": 4.2, "untilAmperes": 0.05},
            {"text": "Rest for 1 hour", "periodSeconds": 60, "ambientTemperatureCelsius": 40},
        )
    )

    assert experiment_problems(good) == []
    assert experiment_problems(spec_of(protocol={"experiment": {"steps": ["Rest for 1 hour"]}})) == []


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step(current_amperes=5, until_volts=2.5), "Discharge at 5 A until 2.5 V"),
        (Step(c_rate=-0.5, duration_seconds=60, until_volts=4.2), "Charge at 0.5C for 60 s or until 4.2 V"),
        (Step(power_watts=10, duration_seconds=60), "Discharge at 10 W for 60 s"),
        (Step(volts=4.2, until_amperes=0.05), "Hold at 4.2 V until 0.05 A"),
        (Step(ohms=0.5, duration_seconds=60), "Discharge at 0.5 Ohm for 60 s"),
        (Step(rest=True, duration_seconds=60, ambient_temperature_celsius=-5), "Rest for 60 s at -5 oC"),
        (Step(text="Rest for 1 hour"), "Rest for 1 hour"),
    ],
)
def test_a_step_in_words(step: Step, text: str) -> None:
    assert describe_step(step) == text


PULSES = {"steps": ["Discharge at 1C for 10 seconds", "Rest for 40 seconds"]}


def refusal_of_blocks(*blocks: dict[str, Any], cycles: int = 1) -> list[str]:
    with pytest.raises(InvalidSpecError) as refused:
        spec_of(protocol={"experiment": {"blocks": list(blocks), "cycles": cycles}})
    return [str(p).removeprefix("spec.protocol.experiment.blocks") for p in refused.value.problems]


def test_a_wrong_step_of_a_block_is_named_by_its_place() -> None:
    (problem,) = refusal_of_blocks(PULSES, {"steps": ["Rest for 1 hour", "Charge at -1C for 1 hour"]})

    assert problem.startswith("[1].steps[1]: 'Charge at -1C for 1 hour': '-1'")


def test_a_block_that_is_never_run_is_refused() -> None:
    (problem,) = refusal_of_blocks(PULSES, PULSES | {"fromCycle": 50}, cycles=49)

    assert problem == "[1].fromCycle: 50 is after the last of 49 cycles: the block is never run"


def test_a_cycle_without_a_block_is_refused() -> None:
    (problem,) = refusal_of_blocks(PULSES | {"toCycle": 1}, PULSES | {"fromCycle": 3}, cycles=5)

    assert problem == ": cycle 2 of 5 has no block: let a block begin earlier or end later"


def test_a_cycle_may_not_be_too_long() -> None:
    assert spec_of(protocol={"experiment": {"blocks": [PULSES | {"repeat": 1000}], "cycles": 10}})

    (problem,) = refusal_of_blocks(PULSES | {"repeat": 1000}, PULSES | {"repeat": 501})

    assert problem.startswith(": a cycle has 3002 steps, more than 3000: use more cycles")


def test_the_cycles_of_a_block_are_in_order() -> None:
    (problem,) = refusal_of_blocks(PULSES, PULSES | {"fromCycle": 3, "toCycle": 2}, cycles=5)

    assert problem.endswith("fromCycle must not be after toCycle: swap them or correct one")


def test_more_than_a_hundred_steps_are_taken() -> None:
    assert spec_of(protocol={"experiment": {"steps": PULSES["steps"] * 57}})


@pytest.mark.parametrize(
    "step",
    [
        {"cRate": 1, "untilStateOfCharge": 0.2},
        {"cRate": -1, "untilAmpereHours": 1.5},
        {"rest": True, "until": [{"variable": "Volume-averaged cell temperature [C]", "below": 30}]},
        {"volts": 4.1, "untilAmpereHours": 0.1},
        {"text": "Discharge at 1C for 1 hour", "untilStateOfCharge": 0.2},
        {"text": "Hold at 4.1 V for 1 hour", "until": [{"variable": "State of charge", "above": 0.9}]},
    ],
)
def test_ends_of_further_kinds(step: dict[str, Any]) -> None:
    assert spec_of(protocol=experiment(step)).protocol.experiment


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"rest": True, "durationSeconds": 60, "untilAmpereHours": 1}, "[0].untilAmpereHours: 1 cannot end"),
        ({"rest": True, "untilStateOfCharge": 0.5}, "[0].untilStateOfCharge: 0.5 cannot end a rest"),
        ({"volts": 4.1, "untilStateOfCharge": 0.9}, "[0]: 'Hold at 4.1 V until 90 % SoC': a voltage"),
        ({"cRate": 1, "until": [{"variable": "Voltage", "below": 3}]}, "[0].until[0].variable: 'Voltage': "
         "the model has no such variable; use 'Voltage [V]'"),
        ({"cRate": 1, "until": [{"variable": "Voltage [V]"}]}, ".0.until.0: set exactly one of above and"),
        ({"cRate": 1, "until": [{"variable": "Cell temperature [C]", "above": 40}]}, "[0].until[0].variable: "
         "'Cell temperature [C]': varies in space"),
    ],
)  # fmt: skip
def test_an_end_that_cannot_be(step: dict[str, Any], said: str) -> None:
    (problem,) = refusal(step)

    assert problem.startswith(said)


def test_conditions_of_blocks_and_of_the_whole_name_variables_too() -> None:
    condition = {"variable": "Voltage", "below": 3}
    with pytest.raises(InvalidSpecError) as refused:
        spec_of(protocol={"experiment": {"blocks": [PULSES | {"until": [condition]}], "until": [condition]}})

    assert [problem.field for problem in refused.value.problems] == [
        "spec.protocol.experiment.until[0].variable",
        "spec.protocol.experiment.blocks[0].until[0].variable",
    ]


def test_a_capacity_fraction_needs_cycles() -> None:
    with pytest.raises(InvalidSpecError, match="untilCapacityFraction: the capacity after the first cycle"):
        spec_of(protocol={"experiment": {"steps": PULSES["steps"], "untilCapacityFraction": 0.8}})


def test_blocks_have_names_of_their_own() -> None:
    (problem,) = refusal_of_blocks(PULSES | {"name": "pulses"}, PULSES, PULSES | {"name": "pulses"})

    assert problem == "[2].name: 'pulses' is another block's name as well: give each its own"
