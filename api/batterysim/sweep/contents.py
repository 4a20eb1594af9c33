"""Contents that a sweep refers to in addition to its simulation's: a table of points, measured data."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.documents.contents import REFERENCE, ContentReference, Reader, UnreadableContentError
from batterysim.spec.documents.reference import ConfigMapKeyReference
from batterysim.sweep.field_path import Path, value_at, with_value

CONTENT = "csv"


def sweep_references(raw: Mapping[str, Any]) -> list[ContentReference]:
    """Return what a sweep refers to. A reference that makes no sense is left to the spec's own validation."""
    metrics = raw.get("metrics")
    count = len(metrics) if isinstance(metrics, list) else 0
    places: list[Path] = [("design", "table"), *(("metrics", str(n), "against") for n in range(count))]
    return [found for place in places if (found := _reference(raw, place)) is not None]


def resolve_sweep(raw: Mapping[str, Any], read: Reader) -> Mapping[str, Any]:
    """Return the spec with each content in the place of its reference.

    Raises:
        InvalidSpecError: a content is not there.
    """
    problems = []
    for reference in sweep_references(raw):
        try:
            raw = with_value(raw, reference.path, {CONTENT: read(reference)})
        except UnreadableContentError as error:
            message = f"key {reference.key!r} of ConfigMap {reference.name!r} {error}"
            problems.append(Problem(FailureReason.INVALID_SPEC, reference.field, message))
    if problems:
        raise InvalidSpecError(problems)
    return raw


def _reference(raw: Mapping[str, Any], path: Path) -> ContentReference | None:
    holder = value_at(raw, path)
    if not isinstance(holder, Mapping) or CONTENT in holder or REFERENCE not in holder:
        return None
    try:
        named = ConfigMapKeyReference.model_validate(holder[REFERENCE])
    except ValidationError:
        return None
    return ContentReference(path, named.name, named.key, f"references/{'-'.join(path)}.csv")
