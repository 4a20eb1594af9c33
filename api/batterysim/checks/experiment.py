"""Errors in the steps of an experiment, as far as they show without PyBaMM."""

from batterysim.catalogue.parameters import CutOffs, cut_offs
from batterysim.failure import FailureReason
from batterysim.problem import Problem
from batterysim.spec.protocols.protocol import Step
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.spec.steps.experiment import plan_of, steps_field, steps_of
from batterysim.spec.steps.grammar import StepTextError
from batterysim.spec.steps.plan import Control, Direction, End, StepPlan
from batterysim.spec.steps.text import describe_step

_ENDS = "durationSeconds, untilVolts or untilAmperes"


def experiment_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Check the words of each step, its end, and whether it can reach that."""
    experiment = spec.protocol.experiment
    if experiment is None:
        return []
    limits = stopping_cut_offs(spec)
    field = steps_field(experiment)
    return [
        Problem(FailureReason.INVALID_SPEC, f"{field}[{number}]{part}", message)
        for number, step in enumerate(steps_of(experiment))
        for part, message in _wrong(step, limits)
    ]


def stopping_cut_offs(spec: BatterySimulationSpec) -> CutOffs:
    """Return the cell's cut-offs at which a step ends; None: the spec ignores it, or it is not known."""
    lower, upper = cut_offs(spec.cell)
    policy = spec.cut_off_policy
    return CutOffs(lower if policy.lower == "Stop" else None, upper if policy.upper == "Stop" else None)


def contradiction(plan: StepPlan, limits: CutOffs) -> str | None:
    """Say why a step makes no sense; None if it does.

    limits: the cell's cut-offs in V at which a step ends.
    """
    if plan.direction is Direction.REST and (plan.ends or plan.duration_seconds is None):
        return 'a rest can only end after a time: write "Rest for 1 hour"'
    if plan.control is Control.VOLTAGE:
        return _contradiction_of_hold(plan, limits)
    if plan.control in (Control.CURRENT, Control.C_RATE) and any(
        end.control is not Control.VOLTAGE for end in plan.ends
    ):
        return "a current that is held cannot end at another current: give a time or a voltage"
    return next((text for end in plan.ends if (text := _out_of_reach(plan, end, limits))), None)


def _contradiction_of_hold(plan: StepPlan, limits: CutOffs) -> str | None:
    if any(end.control is Control.VOLTAGE for end in plan.ends):
        return "a voltage that is held cannot end at another voltage: give a time or a current"
    if (limits.lower is not None and plan.value < limits.lower) or (
        limits.upper is not None and plan.value > limits.upper
    ):
        return "this voltage is past a cut-off of the cell; change it, the cut-off or spec.cutOffPolicy"
    return None


def _out_of_reach(plan: StepPlan, end: End, limits: CutOffs) -> str | None:
    """Say why a voltage cannot end a charge or discharge, which would be over before it begins."""
    if end.control is not Control.VOLTAGE or end.side is not None:
        return None
    if plan.direction is Direction.DISCHARGE and limits.upper is not None and end.value >= limits.upper:
        return (
            f"a discharge cannot end at {end.value:g} V, because the cell's upper cut-off is "
            f"{limits.upper:g} V: "
            "give a lower voltage, or charge (a negative current, C-rate or power)"
        )
    if plan.direction is Direction.CHARGE and limits.lower is not None and end.value <= limits.lower:
        return (
            f"a charge cannot end at {end.value:g} V, because the cell's lower cut-off is "
            f"{limits.lower:g} V: "
            "give a higher voltage, or discharge (a positive current, C-rate or power)"
        )
    return None


def _wrong(step: Step, limits: CutOffs) -> list[tuple[str, str]]:
    """Return field and message of everything that is wrong with a step."""
    wrong = _wrong_text(step) if step.text is not None else _wrong_fields(step)
    if wrong:
        return wrong
    try:
        complaint = contradiction(plan_of(step), limits)
    except StepTextError as error:
        complaint = str(error)
    return [] if complaint is None else [("", f"{describe_step(step)!r}: {complaint}")]


def _wrong_text(step: Step) -> list[tuple[str, str]]:
    return [
        (
            f".{field}",
            f"{value:g} cannot be combined with text {step.text!r}: write the step's end into its text",
        )
        for field, value in _given_ends(step)
    ]


def _wrong_fields(step: Step) -> list[tuple[str, str]]:
    if _is_rest(step):
        return _wrong_rest(step)
    wrong = []
    if not _given_ends(step):
        wrong.append(("", f"the step has no end: set at least one of {_ENDS}"))
    if step.volts is not None and step.until_volts is not None:
        text = f"{step.until_volts:g} V is never reached while {step.volts:g} V are held: remove it"
        wrong.append((".untilVolts", text))
    if step.until_amperes is not None and (step.current_amperes is not None or step.c_rate is not None):
        text = (
            f"{step.until_amperes:g} A is never reached by a constant current: remove it, and set "
            "durationSeconds or untilVolts"
        )
        wrong.append((".untilAmperes", text))
    return wrong


def _wrong_rest(step: Step) -> list[tuple[str, str]]:
    wrong = [
        (f".{field}", f"{value:g} cannot end a rest: remove it, and set durationSeconds")
        for field, value in _given_ends(step)
        if field != "durationSeconds"
    ]
    if step.duration_seconds is None and not wrong:
        wrong.append(("", "a rest has no end of its own: set durationSeconds"))
    return wrong


def _is_rest(step: Step) -> bool:
    return bool(step.rest) or 0 in (step.current_amperes, step.c_rate, step.power_watts)


def _given_ends(step: Step) -> list[tuple[str, float]]:
    ends = {
        "durationSeconds": step.duration_seconds,
        "untilVolts": step.until_volts,
        "untilAmperes": step.until_amperes,
    }
    return [(field, value) for field, value in ends.items() if value is not None]
