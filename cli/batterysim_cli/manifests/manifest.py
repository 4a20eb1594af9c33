"""A BatterySimulation as a user writes it: apiVersion, kind, a name and the spec."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from batterysim import names
from batterysim.checks.validation import parse_spec
from batterysim.failure import FailureReason
from batterysim.kubernetes_names import WORDS_FOR_PREFIX, WORDS_FOR_SUBDOMAIN, is_name_prefix, is_subdomain
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.documents.contents import Reader
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.sweep.checks import parse_sweep
from batterysim.sweep.cluster.checks import check_for_cluster
from batterysim.sweep.spec import BatterySweepSpec

Spec = TypeVar("Spec")

FIELDS = ("apiVersion", "kind", "metadata", "spec", "status")


def parse_manifest(
    raw: Mapping[str, Any], read: Reader | None, *, is_limited: bool = True
) -> tuple[str, BatterySimulationSpec]:
    """Return a manifest's name, or the beginning of its generated name, and its spec.

    read: reads the contents that the spec refers to; None: the references stay.
    is_limited: whether the spec must not be longer than a runner's pod can read.

    Raises:
        InvalidSpecError: names every error, in the spec and around it.
    """
    return _parsed(raw, names.KIND, lambda spec: parse_spec(spec, read, is_limited=is_limited))


def parse_sweep_manifest(
    raw: Mapping[str, Any], read: Reader | None, *, is_limited: bool = True
) -> tuple[str, BatterySweepSpec]:
    """Return the name and the spec of a BatterySweep; see parse_manifest.

    is_limited: whether it must keep to what a cluster takes.

    Raises:
        InvalidSpecError: names every error, in the spec and around it.
    """
    check = check_for_cluster if is_limited else parse_sweep
    return _parsed(raw, names.SWEEP_KIND, lambda spec: check(spec, read))


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
    return name_of(raw) or "", spec


def name_of(raw: Mapping[str, Any]) -> str | None:
    """Return the name that a manifest gives itself, valid or not, or else how its generated name begins."""
    name = _of_metadata(raw, "name")
    if name is not None:
        return str(name)
    prefix = _of_metadata(raw, "generateName")
    return None if prefix is None else str(prefix).rstrip("-.")


def _of_metadata(raw: Mapping[str, Any], field: str) -> Any:
    metadata = raw.get("metadata")
    return metadata.get(field) if isinstance(metadata, dict) else None


def _problems_around_the_spec(raw: Mapping[str, Any], kind: str) -> list[Problem]:
    wrong = [
        (field, "unknown field: remove it or correct its spelling") for field in raw if field not in FIELDS
    ]
    for field, expected in (("apiVersion", names.API_VERSION), ("kind", kind)):
        if raw.get(field) != expected:
            wrong.append((field, f"must be {expected}, not {raw.get(field)!r}"))
    name, prefix = _of_metadata(raw, "name"), _of_metadata(raw, "generateName")
    if prefix is not None and not is_name_prefix(prefix):
        wrong.append(("metadata.generateName", f"{WORDS_FOR_PREFIX}, not {prefix!r}"))
    elif name is None and prefix is None:
        wrong.append(("metadata.name", "required, but absent: add it"))
    if name is not None and not is_subdomain(str(name)):
        wrong.append(("metadata.name", f"{WORDS_FOR_SUBDOMAIN}, not {str(name)!r}"))
    return [Problem(FailureReason.INVALID_SPEC, field, message) for field, message in wrong]
