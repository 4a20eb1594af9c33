"""A structured step has an end that it can reach, or is refused before a pod is started."""

from typing import Any

import pytest

from batterysim.checks.experiment import experiment_problems
from batterysim.problem import InvalidSpecError
from batterysim.spec.protocols.protocol import Step
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
