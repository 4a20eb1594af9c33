"""Errors in the steps of an experiment, as far as they show without PyBaMM."""

from collections.abc import Iterator

from batterysim.catalogue.parameters import CutOffs, cut_offs
from batterysim.catalogue.prescription import prescribed_by, profile_complaint
from batterysim.catalogue.variables import complaints, variable_names
from batterysim.failure import FailureReason
from batterysim.problem import Problem
from batterysim.spec.protocols.experiment import Experiment, Step
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.spec.steps.experiment import condition_fields, plan_of, step_fields, steps_of
from batterysim.spec.steps.grammar import StepTextError
from batterysim.spec.steps.plan import Control, Direction, End, Measure, StepPlan
from batterysim.spec.steps.program import MAX_STEPS_PER_CYCLE, Program
from batterysim.spec.steps.text import describe_step

_ENDS = "durationSeconds, untilVolts or another of its ends (docs/experiments.md)"

MAX_FOLLOWED_POINTS = 20_000
"""PyBaMM's interpolant is quick enough for them (docs/decisions/025-long-profiles.md)."""

WITHOUT_WORDS = ("untilStateOfCharge", "untilAmpereHours")
"""Ends that steps in words do not have."""


def experiment_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Check the words of each step, its end, and whether it can reach that."""
    experiment = spec.protocol.experiment
    if experiment is None:
        return []
    limits = stopping_cut_offs(spec)
    wrong = [
        (f"{field}{part}", message)
        for field, step in zip(step_fields(experiment), steps_of(experiment), strict=True)
        for part, message in _wrong(step, limits)
    ]
    wrong += _wrong_blocks(experiment)
    wrong += _wrong_variables(spec, experiment)
    return [Problem(FailureReason.INVALID_SPEC, field, message) for field, message in wrong]


def _wrong_variables(spec: BatterySimulationSpec, experiment: Experiment) -> Iterator[tuple[str, str]]:
    """Yield field and message of variables in conditions that the model does not have.

    What options add only PyBaMM knows: the runner checks that.
    """
    if spec.model.options or spec.cell.bpx is not None or spec.pack is not None:
        return
    named = condition_fields(experiment)
    wrong = complaints([name for _, name in named], variable_names(spec.model.family))
    yield from ((field, f"{name!r}: {wrong[name]}") for field, name in named if name in wrong)


def _wrong_blocks(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """Yield field and message of blocks that are never run, of a cycle without any, and of too long a one."""
    cycles = experiment.cycles
    if experiment.until_capacity_fraction is not None and cycles == 1:
        field = "spec.protocol.experiment.untilCapacityFraction"
        yield field, "the capacity after the first cycle is compared with later ones: set cycles above 1"
    names = [block.name or str(number) for number, block in enumerate(experiment.blocks or (), 1)]
    for number, name in enumerate(names):
        if name in names[:number]:
            field = f"spec.protocol.experiment.blocks[{number}].name"
            yield field, f"{name!r} is another block's name as well: give each its own"
    for number, block in enumerate(experiment.blocks or ()):
        if block.from_cycle > cycles:
            field = f"spec.protocol.experiment.blocks[{number}].fromCycle"
            yield field, f"{block.from_cycle} is after the last of {cycles} cycles: the block is never run"
    program = Program(experiment)
    empty = next((cycle for cycle in range(1, cycles + 1) if not program.order(cycle)), None)
    if empty is not None:
        yield (
            "spec.protocol.experiment.blocks",
            f"cycle {empty} of {cycles} has no block: let a block begin earlier or end later",
        )
    elif (longest := program.longest_cycle) > MAX_STEPS_PER_CYCLE:
        yield (
            "spec.protocol.experiment.blocks",
            f"a cycle has {longest} steps, more than {MAX_STEPS_PER_CYCLE}: use more cycles, each with fewer "
            "repetitions",
        )


def stopping_cut_offs(spec: BatterySimulationSpec) -> CutOffs:
    """Return the cut-offs at which a step ends, of a pack those of its cells in series.

    None: the spec ignores it, or it is not known.
    """
    lower, upper = cut_offs(spec.cell)
    policy = spec.cut_off_policy
    limits = CutOffs(lower if policy.lower == "Stop" else None, upper if policy.upper == "Stop" else None)
    return limits.in_series(1 if spec.pack is None else spec.pack.series_count)


def contradiction(plan: StepPlan, limits: CutOffs) -> str | None:
    """Say why a step makes no sense; None if it does.

    limits: the cell's cut-offs in V at which a step ends.
    """
    if plan.direction is Direction.REST and (
        plan.ends or (plan.duration_seconds is None and not plan.conditions)
    ):
        return 'a rest can only end after a time: write "Rest for 1 hour"'
    if plan.followed is not None:
        return _contradiction_of_followed(plan)
    if plan.control is Control.VOLTAGE:
        return _contradiction_of_hold(plan, limits)
    if plan.control in (Control.CURRENT, Control.C_RATE) and any(
        end.control in (Control.CURRENT, Control.C_RATE) for end in plan.ends
    ):
        return "a current that is held cannot end at another current: give a time or a voltage"
    return next((text for end in plan.ends if (text := _out_of_reach(plan, end, limits))), None)


def _contradiction_of_followed(plan: StepPlan) -> str | None:
    if plan.ends:
        return (
            "a cycle or profile may charge and discharge, so an end may be reached from both sides: write it "
            'into "until", with above or below'
        )
    assert plan.followed is not None  # noqa: S101 - asked for by the caller
    prescribed = prescribed_by(plan.followed)
    if prescribed is None:
        return None
    if prescribed.point_count > MAX_FOLLOWED_POINTS:
        return (
            f"it has {prescribed.point_count} points, more than {MAX_FOLLOWED_POINTS}: use fewer rows, or "
            "repeat the block instead"
        )
    if plan.duration_seconds is not None and plan.duration_seconds > prescribed.duration_seconds:
        return (
            f"it is over after {prescribed.duration_seconds:g} s: set a shorter durationSeconds or none, or "
            "repeat"
        )
    return None


def _contradiction_of_hold(plan: StepPlan, limits: CutOffs) -> str | None:
    if any(end.control is Control.VOLTAGE for end in plan.ends):
        return "a voltage that is held cannot end at another voltage: give a time or a current"
    if any(end.control is Measure.STATE_OF_CHARGE for end in plan.ends):
        return (
            "a voltage that is held may charge or discharge, so this may be an upper or a lower end: write "
            'State of charge into "until", with above or below'
        )
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
        if field not in WITHOUT_WORDS
    ]


def _wrong_fields(step: Step) -> list[tuple[str, str]]:
    if _is_rest(step):
        return _wrong_rest(step)
    wrong = []
    if step.drive_cycle is not None or step.profile is not None:
        complaint = profile_complaint(step.profile)
        return [] if complaint is None else [(".profile.csv", complaint)]
    if not _given_ends(step) and not step.until:
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
    if step.duration_seconds is None and not step.until and not wrong:
        wrong.append(("", "a rest has no end of its own: set durationSeconds"))
    return wrong


def _is_rest(step: Step) -> bool:
    return bool(step.rest) or 0 in (step.current_amperes, step.c_rate, step.power_watts)


def _given_ends(step: Step) -> list[tuple[str, float]]:
    ends = {
        "durationSeconds": step.duration_seconds,
        "untilVolts": step.until_volts,
        "untilAmperes": step.until_amperes,
        "untilStateOfCharge": step.until_state_of_charge,
        "untilAmpereHours": step.until_ampere_hours,
    }
    return [(field, value) for field, value in ends.items() if value is not None]
