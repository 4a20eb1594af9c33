"""What PyBaMM's errors and endings mean to a user."""

import re

import pybamm

from batterysim.catalogue.model_options import in_text
from batterysim.checks.model import missing_parameters
from batterysim.checks.problem import InvalidSpecError, Problem
from batterysim.failure import FailureReason
from batterysim.results import EndReason
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.limits import LOWER_EVENT, UPPER_EVENT
from batterysim_runner.cell.tables import left_tables
from batterysim_runner.errors import InfeasibleError, SolverFailedError

NOTHING_BEGAN = (
    "no step of a cycle could begin, because each one's end is reached before it begins: "
    "check spec.protocol.experiment.steps and spec.cell.initialStateOfCharge"
)

HEAT_OF_MIXING = "heat of mixing"

_MISSING = re.compile(r"Parameter '(.+?)' not found")
_AT_START = re.compile(r"Events \[(.*)\] are non-positive at initial conditions")
_TABLES_LEFT = re.compile(r"interpolation bounds were exceeded: \[(.*)\]")
_SIDES = ((LOWER_EVENT, "Lower", "at or below"), (UPPER_EVENT, "Upper", "at or above"))
_ENDS = {
    "final time": EndReason.DURATION_REACHED,
    f"event: {LOWER_EVENT}": EndReason.LOWER_CUT_OFF,
    f"event: {UPPER_EVENT}": EndReason.UPPER_CUT_OFF,
    "event: Minimum SoC": EndReason.EMPTY,
    "event: Maximum SoC": EndReason.FULL,
    "event: Minimum surface SoC": EndReason.EMPTY,
    "event: Maximum surface SoC": EndReason.FULL,
}


def explain(error: Exception, parameters: pybamm.ParameterValues) -> InfeasibleError | SolverFailedError:
    """Return PyBaMM's error in words that say what to change."""
    text = str(error)
    if "are infeasible due to exceeded bounds" in text or "is infeasible due to exceeded bounds" in text:
        return InfeasibleError(NOTHING_BEGAN)
    if (at_start := _AT_START.search(text)) is not None:
        return _at_start(at_start[1], parameters)
    first_line = text.strip().splitlines()[0] if text.strip() else type(error).__name__
    if (left := _TABLES_LEFT.search(text)) is not None:
        return SolverFailedError(left_tables(re.findall(r"Interpolant '[^']*' \w+ bound", left[1])))
    return SolverFailedError(
        f"PyBaMM could not solve the model ({first_line}): "
        "check spec.cell.parameters and the size of the current, or let the cut-offs stop the run"
    )


def _at_start(events: str, parameters: pybamm.ParameterValues) -> InfeasibleError:
    for event, side, past in _SIDES:
        if event in events:
            limit = parameters[f"{side} voltage cut-off [V]"]
            return InfeasibleError(
                f"at time 0 the voltage is {past} the {side.lower()} cut-off of {limit:g} V, so the protocol "
                f"cannot start: use a smaller current, another spec.cell.initialStateOfCharge, or "
                f"spec.cutOffPolicy.{side.lower()}: Ignore"
            )
    return InfeasibleError(
        f"at time 0 the cell is at a limit of its model ({events}), so the protocol cannot start: check "
        "spec.cell.initialStateOfCharge, spec.cell.parameters and the current's sign"
    )


def explain_missing(error: KeyError, spec: BatterySimulationSpec) -> InvalidSpecError | None:
    """Return what to do about a parameter that only a variable of the result needs; None: it is not that."""
    missing = _MISSING.search(str(error.args[0]))
    return None if missing is None else InvalidSpecError([missing_parameters([missing[1]], spec.cell.label)])


def explain_heat_of_mixing(error: RuntimeError, spec: BatterySimulationSpec) -> InvalidSpecError | None:
    """Return what to do about a heat of mixing that CasADi cannot differentiate; None: it is not that."""
    if "casadi" not in str(error) or in_text(spec.model.options.get(HEAT_OF_MIXING)) != "true":
        return None
    message = (
        f"it needs the slope of the open-circuit potentials, and {spec.cell.label} has a table of one that "
        "PyBaMM cannot take it of: leave this option out, or use a cell that has formulas, such as Chen2020"
    )
    return InvalidSpecError(
        [Problem(FailureReason.INVALID_SPEC, f"spec.model.options[{HEAT_OF_MIXING!r}]", message)]
    )


def end_reason(termination: str) -> EndReason:
    """Return what ended a solution.

    >>> end_reason("event: Minimum voltage [V]").value
    'LowerCutOff'
    >>> end_reason("event: Zero negative electrode porosity cut-off").value
    'ModelLimit'
    """
    return _ENDS.get(termination, EndReason.MODEL_LIMIT)
