"""A BatterySimulation as a user writes it: apiVersion, kind, a name and the spec."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from batterysim import names
from batterysim.checks.validation import parse_spec
from batterysim.failure import FailureReason
from batterysim.kubernetes_names import WORDS_FOR_SUBDOMAIN, is_subdomain
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.documents.contents import Reader
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.sweep.checks import parse_sweep
from batterysim.sweep.spec import BatterySweepSpec

Spec = TypeVar("Spec")

FIELDS = ("apiVersion", "kind", "metadata", "spec", "status")


def parse_manifest(raw: Mapping[str, Any], read: Reader | None) -> tuple[str, BatterySimulationSpec]:
    """Return a manifest's name and its spec.

    read: reads the contents that the spec refers to; None: the references stay.

    Raises:
        InvalidSpecError: names every error, in the spec and around it.
    """
    return _parsed(raw, names.KIND, lambda spec: parse_spec(spec, read))


def parse_sweep_manifest(raw: Mapping[str, Any], read: Reader | None) -> tuple[str, BatterySweepSpec]:
    """Return the name and the spec of a BatterySweep; see parse_manifest.

    Raises:
        InvalidSpecError: names every error, in the spec and around it.
    """
    return _parsed(raw, names.SWEEP_KIND, lambda spec: parse_sweep(spec, read))


def _parsed(
    raw: Mapping[str, Any], kind: str, parse: Callable[[Mapping[str, Any]], Spec]
) -> tuple[str, Spec]:
    problems = _problems_around_the_spec(raw, kind)
    try:
        spec = parse(raw.get("spec", {}))
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


def _problems_around_the_spec(raw: Mapping[str, Any], kind: str) -> list[Problem]:
    wrong = [
        (field, "unknown field: remove it or correct its spelling") for field in raw if field not in FIELDS
    ]
    for field, expected in (("apiVersion", names.API_VERSION), ("kind", kind)):
        if raw.get(field) != expected:
            wrong.append((field, f"must be {expected}, not {raw.get(field)!r}"))
    name = name_of(raw)
    if name is None:
        wrong.append(("metadata.name", "required, but absent: add it"))
    elif not is_subdomain(name):
        wrong.append(("metadata.name", f"{WORDS_FOR_SUBDOMAIN}, not {name!r}"))
    return [Problem(FailureReason.INVALID_SPEC, field, message) for field, message in wrong]
