"""What PyBaMM's errors mean to a user."""

import re

import pybamm

from batterysim.catalogue import parameter_names
from batterysim.catalogue.model_options import in_text
from batterysim.checks.model import missing_parameters
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.endings import at_start, left_tables, unsolvable
from batterysim_runner.errors import InfeasibleError, LeftTablesError, SolverFailedError

NOTHING_BEGAN = (
    "no step of a cycle could begin, because each one's end is reached before it begins: "
    "check spec.protocol.experiment.steps and spec.cell.initialStateOfCharge"
)

HEAT_OF_MIXING = "heat of mixing"

_MISSING = re.compile(r"Parameter '(.+?)' not found")
_AT_START = re.compile(r"Events \[(.*)\] are non-positive at initial conditions")
_TABLES_LEFT = re.compile(r"interpolation bounds were exceeded: \[(.*)\]")


def explain(error: Exception, parameters: pybamm.ParameterValues) -> InfeasibleError | SolverFailedError:
    """Return PyBaMM's error in words that say what to change."""
    text = str(error)
    if "are infeasible due to exceeded bounds" in text or "is infeasible due to exceeded bounds" in text:
        return InfeasibleError(NOTHING_BEGAN)
    if (events := _AT_START.search(text)) is not None:
        return at_start(
            events[1], parameters[parameter_names.LOWER_CUT_OFF], parameters[parameter_names.UPPER_CUT_OFF]
        )
    first_line = text.strip().splitlines()[0] if text.strip() else type(error).__name__
    if (left := _TABLES_LEFT.search(text)) is not None:
        return LeftTablesError(left_tables(re.findall(r"Interpolant '[^']*' \w+ bound", left[1])))
    return SolverFailedError(unsolvable(first_line))


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
        "PyBaMM cannot differentiate: leave out this option, or use a cell that has formulas, such as "
        "Chen2020"
    )
    return InvalidSpecError(
        [Problem(FailureReason.INVALID_SPEC, f"spec.model.options[{HEAT_OF_MIXING!r}]", message)]
    )
