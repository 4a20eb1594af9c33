"""Experiments: their steps as PyBaMM takes them, with the cell's cut-offs on top.

PyBaMM lets an experiment pass both cut-offs by 1 V before it gives up. Here each step that charges or
discharges also ends at the cell's cut-off, unless the spec says to ignore it.
"""

import math
from typing import NamedTuple

import pybamm

from batterysim.checks.problem import InvalidSpecError, Problem
from batterysim.failure import FailureReason
from batterysim.spec.protocol import Experiment, Step
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.spec.step_text import describe_step
from batterysim_runner.cell.parameters import ZERO_CELSIUS_IN_KELVIN


class PlannedStep(NamedTuple):
    """One step of a cycle.

    text: the step in words.
    must_begin: whether only a cut-off of the cell could keep it from beginning. A step with a voltage or
        current of its own to reach is done when it is there already; any other is infeasible.
    period_seconds: one point of the result every so many seconds of the step; None: the solver's own points.
    """

    step: pybamm.step.BaseStep
    text: str
    must_begin: bool
    period_seconds: float | None


class Limits(NamedTuple):
    """The cell's voltage cut-offs, None where the spec ignores one."""

    lower: float | None
    upper: float | None


def plan_steps(
    spec: BatterySimulationSpec, experiment: Experiment, parameters: pybamm.ParameterValues
) -> list[PlannedStep]:
    """Return the steps of one cycle.

    Raises:
        InvalidSpecError: names each step that PyBaMM does not understand, that never ends, or that holds a
            voltage past a cut-off.
    """
    steps = experiment.structured_steps or [Step(text=text) for text in experiment.steps or ()]
    name = "steps" if experiment.structured_steps is None else "structuredSteps"
    limits = Limits(
        parameters["Lower voltage cut-off [V]"] if spec.cut_off_policy.lower == "Stop" else None,
        parameters["Upper voltage cut-off [V]"] if spec.cut_off_policy.upper == "Stop" else None,
    )
    planned, problems = [], []
    for number, step in enumerate(steps):
        try:
            planned.append(_plan(step, limits, spec.output.period_seconds))
        except (ValueError, IndexError, ZeroDivisionError) as error:
            field = f"spec.protocol.experiment.{name}[{number}]"
            text = f"{describe_step(step)!r}: {_on_one_line(error)}"
            problems.append(Problem(FailureReason.INVALID_SPEC, field, text))
    if problems:
        raise InvalidSpecError(problems)
    return planned


def _plan(step: Step, limits: Limits, period_seconds: float | None) -> PlannedStep:
    native = pybamm.step.string(step.text, **_options(step)) if step.text else _native(step)
    if (complaint := _complaint(native, limits)) is not None:
        raise ValueError(complaint)
    must_begin = not native.termination
    period = step.period_seconds or native.period or period_seconds
    # The solver keeps its own points, so that the summary does not depend on those of the result.
    native.period = None
    native.termination += _cut_offs(native, limits)
    return PlannedStep(native, describe_step(step), must_begin, period)


def _native(step: Step) -> pybamm.step.BaseStep:
    """Return a structured step as one of PyBaMM's."""
    options = _options(step) | {"duration": step.duration_seconds, "termination": _terminations(step)}
    for value, kind in (
        (step.current_amperes, pybamm.step.Current),
        (step.c_rate, pybamm.step.CRate),
        (step.power_watts, pybamm.step.Power),
        (step.volts, pybamm.step.Voltage),
        (step.ohms, pybamm.step.Resistance),
    ):
        if value is not None:
            return pybamm.step.Rest(**options) if value == 0 else kind(value, **options)
    return pybamm.step.Rest(**options)


def _options(step: Step) -> dict[str, float]:
    celsius = step.ambient_temperature_celsius
    return {} if celsius is None else {"temperature": celsius + ZERO_CELSIUS_IN_KELVIN}


def _terminations(step: Step) -> list[pybamm.step.BaseTermination]:
    ends = []
    if step.until_volts is not None:
        ends.append(pybamm.step.VoltageTermination(step.until_volts))
    if step.until_amperes is not None:
        ends.append(pybamm.step.CurrentTermination(step.until_amperes))
    return ends


def _complaint(step: pybamm.step.BaseStep, limits: Limits) -> str | None:
    """Say why a step makes no sense that PyBaMM would do, leaving out without a word what does not fit."""
    if not (math.isfinite(step.duration) and step.duration > 0):
        return f"a step cannot take {step.duration:g} s: write a time above 0"
    kinds = [type(end) for end in step.termination]
    if step.direction == "rest" and (kinds or step.uses_default_duration):
        return 'a rest ends after a time and nothing else: write "Rest for 1 hour"'
    if isinstance(step, pybamm.step.Voltage):
        if pybamm.step.VoltageTermination in kinds:
            return "a voltage that is held cannot end at another voltage: give a time or a current"
        if (limits.lower is not None and step.value < limits.lower) or (
            limits.upper is not None and step.value > limits.upper
        ):
            return "this voltage is past a cut-off of the cell; change it, the cut-off or spec.cutOffPolicy"
    if isinstance(step, pybamm.step.Current | pybamm.step.CRate) and set(kinds) - {
        pybamm.step.VoltageTermination
    }:
        return "a current that is held cannot end at another current: give a time or a voltage"
    return None


def _cut_offs(step: pybamm.step.BaseStep, limits: Limits) -> list[pybamm.step.BaseTermination]:
    """Return the cell's cut-off that a step also ends at."""
    if step.direction == "discharge" and limits.lower is not None:
        return [pybamm.step.VoltageTermination(limits.lower, "<")]
    if step.direction == "charge" and limits.upper is not None:
        return [pybamm.step.VoltageTermination(limits.upper, ">")]
    return []


def _on_one_line(error: Exception) -> str:
    """Return PyBaMM's complaint with its examples on one line."""
    if not isinstance(error, ValueError):
        return 'a number is missing or cannot be divided by: write such as "Discharge at C/2 for 1 hour"'
    return " ".join(str(error).split())[:400]
