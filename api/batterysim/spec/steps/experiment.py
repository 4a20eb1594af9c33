"""The steps of an experiment, understood, however they are written."""

from batterysim.spec.protocols.protocol import Experiment, Step
from batterysim.spec.steps.grammar import parse_step
from batterysim.spec.steps.plan import Control, End, StepPlan


def steps_of(experiment: Experiment) -> list[Step]:
    """Return the steps of one cycle; steps in words are steps with a text."""
    if experiment.structured_steps is not None:
        return experiment.structured_steps
    return [Step(text=text) for text in experiment.steps or ()]


def steps_field(experiment: Experiment) -> str:
    """Return the field that has the steps."""
    name = "steps" if experiment.structured_steps is None else "structuredSteps"
    return f"spec.protocol.experiment.{name}"


def plan_of(step: Step) -> StepPlan:
    """Understand a step.

    Raises:
        StepTextError: its words cannot be understood.
    """
    if step.text is not None:
        plan = parse_step(step.text)
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
    )


def _setpoint(step: Step) -> tuple[Control, float]:
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
    return tuple(End(control, value) for control, value in ends if value is not None)
