"""From what a user wrote to a spec, or to all that can be known to be wrong with it before a pod starts."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from batterysim.checks.cell import cell_problems
from batterysim.checks.experiment import experiment_problems
from batterysim.checks.model import model_problems
from batterysim.checks.output import output_problems
from batterysim.checks.pack import pack_problems
from batterysim.checks.partial import problems_of_readable_parts
from batterysim.checks.protocol import protocol_problems
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.documents.api_server_form import with_bpx_as_text
from batterysim.spec.documents.contents import Reader, resolve, size_problems
from batterysim.spec.documents.depth import MAX_DEPTH, is_deeper
from batterysim.spec.documents.nulls import without_nulls
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.validation_words import validation_messages


def parse_spec(
    raw: Mapping[str, Any], read: Reader | None = None, *, is_limited: bool = True
) -> BatterySimulationSpec:
    """Read a spec as written by a user.

    read: reads the contents that the spec refers to, which then are in it; None: the references stay.
    is_limited: whether it must not be longer than a runner's pod can read.

    Raises:
        InvalidSpecError: names every wrong field, its value, what was expected and what to do.
    """
    if is_deeper(raw, MAX_DEPTH):
        message = f"more than {MAX_DEPTH} levels deep: a spec has some ten"
        raise InvalidSpecError([Problem(FailureReason.INVALID_SPEC, "spec", message)])
    raw = without_nulls(with_bpx_as_text(raw))
    if is_limited and (problems := size_problems(raw)):
        raise InvalidSpecError(problems)
    if read is not None:
        raw = resolve(raw, read)
    try:
        spec = BatterySimulationSpec.model_validate(raw)
    except ValidationError as error:
        problems = problems_of(error, BatterySimulationSpec)
        raise InvalidSpecError(problems + problems_of_readable_parts(raw, error.errors())) from error
    problems = model_problems(spec) + cell_problems(spec) + output_problems(spec)
    problems += protocol_problems(spec) + experiment_problems(spec)
    if spec.pack is not None:
        problems += pack_problems(spec, spec.pack)
    if problems:
        raise InvalidSpecError(problems)
    return spec


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Return pydantic's errors as problems of a spec. model: the class that was read."""
    return [
        Problem(FailureReason.INVALID_SPEC, f"spec.{place}" if place else "spec", message)
        for place, message in validation_messages(map(dict, error.errors()), model)
    ]
