"""The steps of an experiment, understood, however they are written."""

from collections.abc import Sequence
from dataclasses import replace

from batterysim.spec.protocols.experiment import Block, Condition, Experiment, Step
from batterysim.spec.steps.grammar import parse_step
from batterysim.spec.steps.plan import Control, End, Measure, Passing, StepPlan, control_of


def steps_of(experiment: Experiment) -> list[Step]:
    """Return all steps as they are written, of all blocks; steps in words are steps with a text."""
    if experiment.blocks is None:
        return _steps(experiment)
    return [step for block in experiment.blocks for step in _steps(block)]


def blocks_of_steps(experiment: Experiment) -> list[Block | None]:
    """Return the block of each step; None where there are no blocks."""
    if experiment.blocks is None:
        return [None] * len(_steps(experiment))
    return [block for block in experiment.blocks for _ in _steps(block)]


def step_fields(experiment: Experiment) -> list[str]:
    """Return the field of each step."""
    place = "spec.protocol.experiment"
    if experiment.blocks is None:
        return _fields(place, experiment)
    return [
        field
        for number, block in enumerate(experiment.blocks)
        for field in _fields(f"{place}.blocks[{number}]", block)
    ]


def condition_fields(experiment: Experiment) -> list[tuple[str, str]]:
    """Return the field of each condition's variable, and the variable: of steps, blocks and the whole."""
    place = "spec.protocol.experiment"
    holders = [(place, experiment.until)]
    holders += [
        (f"{place}.blocks[{number}]", block.until) for number, block in enumerate(experiment.blocks or ())
    ]
    holders += [
        (field, step.until) for field, step in zip(step_fields(experiment), steps_of(experiment), strict=True)
    ]
    return [
        (f"{field}.until[{number}].variable", condition.variable)
        for field, conditions in holders
        for number, condition in enumerate(conditions or ())
    ]


def _steps(holder: Experiment | Block) -> list[Step]:
    if holder.structured_steps is not None:
        return holder.structured_steps
    return [Step(text=text) for text in holder.steps or ()]


def _fields(place: str, holder: Experiment | Block) -> list[str]:
    name = "steps" if holder.structured_steps is None else "structuredSteps"
    return [f"{place}.{name}[{number}]" for number in range(len(_steps(holder)))]


def plan_of(step: Step) -> StepPlan:
    """Understand a step.

    Raises:
        StepTextError: its words cannot be understood.
    """
    if step.text is not None:
        plan = parse_step(step.text)
        plan = replace(plan, ends=(*plan.ends, *_measured_ends(step)))
        celsius, period = plan.ambient_temperature_celsius, plan.period_seconds
    else:
        control, value = _setpoint(step)
        plan, celsius, period = StepPlan(control, value, step.duration_seconds, _ends(step)), None, None
    return StepPlan(
        plan.control,
        plan.value,
        plan.duration_seconds,
        plan.ends,
        step.period_seconds or period,
        celsius if step.ambient_temperature_celsius is None else step.ambient_temperature_celsius,
        passings(step.until),
        step.drive_cycle or step.profile,
    )


def passings(conditions: Sequence[Condition] | None) -> tuple[Passing, ...]:
    """Return conditions as what has to happen."""
    return tuple(
        Passing(given.variable, ">", given.above)
        if given.above is not None
        else Passing(given.variable, "<", given.below or 0.0)
        for given in conditions or ()
    )


def _setpoint(step: Step) -> tuple[Control, float]:
    if (followed := step.drive_cycle or step.profile) is not None:
        return control_of(followed), 0.0
    for value, control in (
        (step.current_amperes, Control.CURRENT),
        (step.c_rate, Control.C_RATE),
        (step.power_watts, Control.POWER),
        (step.volts, Control.VOLTAGE),
        (step.ohms, Control.RESISTANCE),
    ):
        if value is not None:
            return (control, value) if value else (Control.CURRENT, 0.0)
    return Control.CURRENT, 0.0


def _ends(step: Step) -> tuple[End, ...]:
    ends = ((Control.VOLTAGE, step.until_volts), (Control.CURRENT, step.until_amperes))
    given = tuple(End(control, value) for control, value in ends if value is not None)
    return given + _measured_ends(step)


def _measured_ends(step: Step) -> tuple[End, ...]:
    ends = (
        (Measure.STATE_OF_CHARGE, step.until_state_of_charge),
        (Measure.CHARGE, step.until_ampere_hours),
    )
    return tuple(End(measure, value) for measure, value in ends if value is not None)
