"""Errors in the requested output."""

from batterysim.catalogue.prescription import duration_seconds
from batterysim.catalogue.variables import complaints, variable_names
from batterysim.checks.measured import measured_problems
from batterysim.failure import FailureReason
from batterysim.problem import Problem
from batterysim.spec.simulation import MAX_POINTS, BatterySimulationSpec


def output_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Return everything that is wrong with the output, as far as it shows without PyBaMM."""
    problems = _variable_problems(spec) + _period_problems(spec) + _callback_problems(spec)
    return problems + list(measured_problems(spec))


def _variable_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Check the names of variables. What options add only PyBaMM knows: the runner checks that."""
    if spec.model.options or spec.cell.bpx is not None:
        return []
    wrong = complaints(spec.output.variables, variable_names(spec.model.family))
    return [
        Problem(FailureReason.INVALID_SPEC, f"spec.output.variables[{number}]", f"{name!r}: {wrong[name]}")
        for number, name in enumerate(spec.output.variables)
        if name in wrong
    ]


def _callback_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Check that a result has what the callback's format wants."""
    if spec.protocol.impedance is None or spec.callback is None or spec.callback.format == "v1":
        return []
    message = f"{spec.callback.format} is for results over time, which an impedance does not have: use v1"
    return [Problem(FailureReason.INVALID_SPEC, "spec.callback.format", message)]


def _period_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Check the number of points that a period leads to, which the period alone does not limit."""
    period = spec.output.period_seconds
    if period is None:
        return []
    duration = duration_seconds(spec.protocol) or 0.0
    points = int(duration / period) + 1
    if points <= MAX_POINTS:
        return []
    return [
        Problem(
            FailureReason.INVALID_SPEC,
            "spec.output.periodSeconds",
            f"{period:g} s over {duration:g} s gives {points} points, more than {MAX_POINTS}: "
            "use a longer period",
        )
    ]
