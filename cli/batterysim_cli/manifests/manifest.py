"""A BatterySimulation as a user writes it: apiVersion, kind, a name and the spec."""

from collections.abc import Mapping
from typing import Any

from batterysim import names
from batterysim.checks.validation import parse_spec
from batterysim.failure import FailureReason
from batterysim.kubernetes_names import WORDS_FOR_SUBDOMAIN, is_subdomain
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.documents.contents import Reader
from batterysim.spec.simulation import BatterySimulationSpec

FIELDS = ("apiVersion", "kind", "metadata", "spec", "status")


def parse_manifest(raw: Mapping[str, Any], read: Reader | None) -> tuple[str, BatterySimulationSpec]:
    """Return a manifest's name and its spec.

    read: reads the contents that the spec refers to; None: the references stay.

    Raises:
        InvalidSpecError: names every error, in the spec and around it.
    """
    problems = _problems_around_the_spec(raw)
    try:
        spec = parse_spec(raw.get("spec", {}), read)
    except InvalidSpecError as error:
        raise InvalidSpecError(problems + error.problems) from error
    if problems:
        raise InvalidSpecError(problems)
    return raw["metadata"]["name"], spec


def name_of(raw: Mapping[str, Any]) -> str | None:
    """Return the name that a manifest gives itself, valid or not."""
    metadata = raw.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return None if name is None else str(name)


def _problems_around_the_spec(raw: Mapping[str, Any]) -> list[Problem]:
    wrong = [
        (field, "unknown field: remove it or correct its spelling") for field in raw if field not in FIELDS
    ]
    for field, expected in (("apiVersion", names.API_VERSION), ("kind", names.KIND)):
        if raw.get(field) != expected:
            wrong.append((field, f"must be {expected}, not {raw.get(field)!r}"))
    name = name_of(raw)
    if name is None:
        wrong.append(("metadata.name", "required, but absent: add it"))
    elif not is_subdomain(name):
        wrong.append(("metadata.name", f"{WORDS_FOR_SUBDOMAIN}, not {name!r}"))
    return [Problem(FailureReason.INVALID_SPEC, field, message) for field, message in wrong]
