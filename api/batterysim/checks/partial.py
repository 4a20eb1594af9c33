"""Errors in those parts of a spec that can be read, where another part cannot."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from batterysim.checks.cell import cell_problems
from batterysim.checks.experiment import experiment_problems
from batterysim.checks.model import option_problems
from batterysim.checks.output import output_problems
from batterysim.checks.protocol import protocol_problems
from batterysim.problem import Problem
from batterysim.spec.simulation import BatterySimulationSpec

STAND_INS: Mapping[str, Any] = {
    # Nothing is known of it, so nothing is wrong with it.
    "cell": {"bpx": {"configMapKeyRef": {"name": "unknown", "key": "unknown"}}},
    "protocol": {"rest": {"durationSeconds": 1}},
    "cutOffPolicy": {"lower": "Ignore", "upper": "Ignore"},
}
"""Parts in the place of those that cannot be read. All others have defaults."""


class _Check(NamedTuple):
    """A check, and the parts of the spec that decide about its outcome."""

    look: Callable[[BatterySimulationSpec], list[Problem]]
    parts: frozenset[str]


_CHECKS = (
    _Check(option_problems, frozenset({"model"})),
    _Check(cell_problems, frozenset({"model", "cell"})),
    _Check(output_problems, frozenset({"model", "output", "protocol"})),
    _Check(protocol_problems, frozenset({"protocol"})),
    _Check(experiment_problems, frozenset({"protocol"})),
)


def problems_of_readable_parts(raw: object, errors: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """Return what is wrong with the parts that can be read, so that all errors are told at once.

    errors: of pydantic, in the other parts.
    """
    if not isinstance(raw, Mapping):
        return []
    # An error of the whole spec is about its output, which the protocol has to fit.
    unreadable = {str(error["loc"][0]) if error["loc"] else "output" for error in errors}
    readable = {name: part for name, part in raw.items() if name not in unreadable}
    stand_ins = {name: part for name, part in STAND_INS.items() if name in unreadable}
    try:
        spec = BatterySimulationSpec.model_validate({**readable, **stand_ins})
    except ValidationError:
        return []
    return [problem for check in _CHECKS if not check.parts & unreadable for problem in check.look(spec)]
