"""Experiments: their steps as PyBaMM takes them, with the cell's cut-offs on top.

PyBaMM lets an experiment pass both cut-offs by 1 V before it gives up. Here each step that charges or
discharges also ends at the cell's cut-off, unless the spec says to ignore it.
"""

from functools import partial
from typing import Any, NamedTuple

import pybamm

from batterysim.catalogue import parameter_names
from batterysim.catalogue.parameters import CutOffs
from batterysim.checks.experiment import contradiction
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.protocols.experiment import Experiment, Step
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.spec.steps.experiment import blocks_of_steps, passings, plan_of, step_fields, steps_of
from batterysim.spec.steps.plan import Control, Direction, StepPlan
from batterysim.spec.steps.text import describe_step
from batterysim_runner.cell.own_parameters import ZERO_CELSIUS_IN_KELVIN
from batterysim_runner.experiment.clipped_step import ClippedStep
from batterysim_runner.experiment.ends import Scope, own_terminations, terminations
from batterysim_runner.experiment.followed_step import followed_step

STEPS = {
    Control.CURRENT: pybamm.step.Current,
    Control.C_RATE: pybamm.step.CRate,
    Control.POWER: pybamm.step.Power,
    Control.VOLTAGE: pybamm.step.Voltage,
    Control.RESISTANCE: pybamm.step.Resistance,
}


class PlannedStep(NamedTuple):
    """One step of a cycle.

    text: the step in words.
    must_begin: whether only a cut-off of the cell could keep it from beginning. A step with a voltage or
        current of its own to reach is done when it is there already; any other is infeasible.
    period_seconds: interval between points of the result in the step; None: the solver's own points.
    plan: the step, understood.
    """

    step: pybamm.step.BaseStep
    text: str
    must_begin: bool
    period_seconds: float | None
    plan: StepPlan

    @property
    def current_is_given(self) -> bool:
        """Whether the step says the current at each moment. Else it is an outcome."""
        is_current = self.plan.control in (Control.CURRENT, Control.C_RATE)
        return is_current and not isinstance(self.step, ClippedStep)


def plan_steps(
    spec: BatterySimulationSpec, experiment: Experiment, parameters: pybamm.ParameterValues
) -> list[PlannedStep]:
    """Return all steps, as they are written. Those of a pack end at the cut-offs of its cells, which the pack
    looks at itself.

    Raises:
        InvalidSpecError: names each step that cannot be understood, or that holds a voltage past a cut-off.
    """
    # Here also the cut-offs of a BPX file are known, which no check before could look at.
    limits = CutOffs(
        parameters[parameter_names.LOWER_CUT_OFF] if spec.cut_off_policy.lower == "Stop" else None,
        parameters[parameter_names.UPPER_CUT_OFF] if spec.cut_off_policy.upper == "Stop" else None,
    ).in_series(1 if spec.pack is None else spec.pack.series_count)
    of_steps = limits if spec.pack is None else CutOffs(None, None)
    planned, problems = [], []
    is_reduced = experiment.on_cut_off == "ReduceCurrent"
    whole = terminations(passings(experiment.until), Scope.EXPERIMENT)
    steps = zip(step_fields(experiment), steps_of(experiment), blocks_of_steps(experiment), strict=True)
    for field, step, block in steps:
        plan = plan_of(step)
        if (complaint := contradiction(plan, limits)) is not None:
            text = f"{describe_step(step)!r}: {complaint}"
            problems.append(Problem(FailureReason.INVALID_SPEC, field, text))
        else:
            around = whole + terminations(passings(None if block is None else block.until), Scope.BLOCK)
            make = _clipped if is_reduced and _can_be_reduced(plan) else _native
            native = make(plan, around, of_steps)
            planned.append(_planned(step, plan, native, spec.output.period_seconds))
    if problems:
        raise InvalidSpecError(problems)
    return planned


def _planned(
    step: Step, plan: StepPlan, native: pybamm.step.BaseStep, period_seconds: float | None
) -> PlannedStep:
    has_end = bool(plan.ends or plan.conditions)
    # The solver keeps its own points, so that the summary does not depend on those of the result.
    return PlannedStep(native, describe_step(step), not has_end, plan.period_seconds or period_seconds, plan)


def _can_be_reduced(plan: StepPlan) -> bool:
    """Tell whether a step can go on at a cut-off. One without a time of its own would not end there."""
    if plan.control is Control.VOLTAGE or plan.direction is Direction.REST:
        return False
    return plan.followed is not None or plan.duration_seconds is not None


def _clipped(
    plan: StepPlan, around: list[pybamm.step.BaseTermination], limits: CutOffs
) -> pybamm.step.BaseStep:
    """Return a step whose current is reduced at the cut-offs."""
    kind = partial(ClippedStep, control=plan.control, limits=limits)
    options = _options(plan, around)
    if plan.followed is not None:
        return followed_step(plan.followed, kind, options)
    return kind(plan.value, **options)


def _native(
    plan: StepPlan, around: list[pybamm.step.BaseTermination], limits: CutOffs
) -> pybamm.step.BaseStep:
    """Return a step as one of PyBaMM's, which ends at the cut-offs, too."""
    options = _options(plan, around)
    if plan.followed is not None:
        native = followed_step(plan.followed, STEPS[plan.control], options)
    elif plan.direction is Direction.REST:
        native = pybamm.step.Rest(**options)
    else:
        native = STEPS[plan.control](plan.value, **options)
    native.termination += _cut_offs(plan, limits)
    return native


def _options(plan: StepPlan, around: list[pybamm.step.BaseTermination]) -> dict[str, Any]:
    """Return a step's time, ends and temperature. around: what ends its block or the whole experiment."""
    options: dict[str, Any] = {
        "duration": plan.duration_seconds,
        # All of them here, because PyBaMM tells steps apart by what they are made with.
        "termination": own_terminations(plan) + around,
    }
    if plan.ambient_temperature_celsius is not None:
        options["temperature"] = plan.ambient_temperature_celsius + ZERO_CELSIUS_IN_KELVIN
    return options


def _cut_offs(plan: StepPlan, limits: CutOffs) -> list[pybamm.step.BaseTermination]:
    """Return the cell's cut-offs that a step also ends at."""
    if plan.followed is not None and plan.control is not Control.VOLTAGE:
        both = ((limits.lower, "<"), (limits.upper, ">"))
        return [pybamm.step.VoltageTermination(limit, side) for limit, side in both if limit is not None]
    if plan.direction is Direction.DISCHARGE and limits.lower is not None:
        return [pybamm.step.VoltageTermination(limits.lower, "<")]
    if plan.direction is Direction.CHARGE and limits.upper is not None:
        return [pybamm.step.VoltageTermination(limits.upper, ">")]
    return []
