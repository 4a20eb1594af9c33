"""What can be known to be wrong with a spec before a pod is started for it."""

import difflib
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from batterysim.catalogue import MANAGED_PARAMETERS, drive_cycle, parameter_defaults
from batterysim.failure import FailureReason
from batterysim.spec import MAX_POINTS, BatterySimulationSpec, Cell, Protocol


class Problem(NamedTuple):
    """One thing that is wrong: which field, and what to do about it."""

    reason: FailureReason
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class InvalidSpecError(Exception):
    """The spec cannot be run. Holds everything that is wrong with it, not only the first thing."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))

    @property
    def reason(self) -> FailureReason:
        """The reason of the first problem."""
        return self.problems[0].reason


def parse_spec(raw: Mapping[str, Any]) -> BatterySimulationSpec:
    """Read a spec as written by a user.

    Raises:
        InvalidSpecError: names every wrong field, its value, what was expected and what to do.
    """
    try:
        spec = BatterySimulationSpec.model_validate(raw)
    except ValidationError as error:
        raise InvalidSpecError([_from_pydantic(dict(item)) for item in error.errors()]) from error
    problems = _parameter_problems(spec.cell) + _cut_off_problems(spec.cell) + _output_problems(spec)
    if problems:
        raise InvalidSpecError(problems)
    return spec


def _from_pydantic(error: dict[str, Any]) -> Problem:
    field = "spec." + ".".join(str(part) for part in error["loc"]) if error["loc"] else "spec"
    if error["type"] == "extra_forbidden":
        message = "unknown field: remove it or correct its spelling"
    elif error["type"] == "missing":
        message = "required, but absent: add it"
    elif error["type"] == "value_error":
        return Problem(FailureReason.INVALID_SPEC, field, str(error["ctx"]["error"]))
    else:
        message = f"{_uncapitalised(error['msg'])}, not {error['input']!r}"
    return Problem(FailureReason.INVALID_SPEC, field, message)


def _uncapitalised(text: str) -> str:
    """Begin a sentence in lower case, unless it begins with an abbreviation such as URL."""
    return text if text[:2].isupper() else text[0].lower() + text[1:]


def _parameter_problems(cell: Cell) -> list[Problem]:
    known = parameter_defaults(cell.parameter_set)
    return [
        problem
        for name in cell.parameters
        if (problem := _parameter_problem(name, known, cell.parameter_set)) is not None
    ]


def _parameter_problem(name: str, known: Mapping[str, float | None], parameter_set: str) -> Problem | None:
    field = f"spec.cell.parameters[{name!r}]"
    if name in MANAGED_PARAMETERS:
        return Problem(
            FailureReason.INVALID_SPEC, field, f"set spec.{MANAGED_PARAMETERS[name]} instead and remove this"
        )
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        hint = " or ".join(repr(other) for other in near) or "one of the set's own names"
        return Problem(
            FailureReason.UNKNOWN_PARAMETER, field, f"{parameter_set} has no such parameter; use {hint}"
        )
    if known[name] is None:
        return Problem(
            FailureReason.INVALID_SPEC,
            field,
            "this parameter is a function in PyBaMM, so one number cannot replace it; remove the override",
        )
    return None


def _cut_off_problems(cell: Cell) -> list[Problem]:
    """Check a cut-off that is given alone against the set's own other one, which CEL cannot know."""
    defaults = parameter_defaults(cell.parameter_set)
    lower = cell.lower_cutoff_volts or defaults["Lower voltage cut-off [V]"]
    upper = cell.upper_cutoff_volts or defaults["Upper voltage cut-off [V]"]
    if lower is None or upper is None or lower < upper:
        return []
    field = "spec.cell.lowerCutoffVolts" if cell.lower_cutoff_volts else "spec.cell.upperCutoffVolts"
    return [
        Problem(
            FailureReason.INVALID_SPEC,
            field,
            f"the lower cut-off ({lower:g} V) must be below the upper one ({upper:g} V); "
            f"a cut-off that is not given is {cell.parameter_set}'s own",
        )
    ]


def _output_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Check the number of points that a period leads to, which the period alone does not limit."""
    period = spec.output.period_seconds
    if period is None:
        return []
    duration = _duration_seconds(spec.protocol)
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


def _duration_seconds(protocol: Protocol) -> float:
    if protocol.drive_cycle is not None:
        return drive_cycle(protocol.drive_cycle.name).duration_seconds
    return 0.0 if protocol.constant_current is None else protocol.constant_current.duration_seconds
