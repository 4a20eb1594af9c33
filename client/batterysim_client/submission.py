"""From what a user has, a spec or a whole manifest, to the manifest that is sent."""

from collections.abc import Mapping
from typing import Any

from batterysim import names
from batterysim.failure import FailureReason
from batterysim.kubernetes_names import WORDS_FOR_PREFIX, WORDS_FOR_SUBDOMAIN, is_name_prefix, is_subdomain
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.documents.api_server_form import in_api_server_form
from batterysim.spec.documents.numpy_values import without_numpy
from batterysim.spec.documents.python_contents import with_texts, with_texts_of_sweep
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_client.errors import RefusedError

# What a user sets of an object's metadata; the rest is the API server's.
_METADATA = ("name", "generateName", "namespace", "labels", "annotations")
_AROUND = frozenset({"apiVersion", "kind", "metadata"})


def to_manifest(
    simulation: BatterySimulationSpec | Mapping[str, Any],
    default_namespace: str,
    *,
    name: str | None = None,
    namespace: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a manifest with a namespace, labels and annotations. Arguments override the manifest.

    simulation: a spec, a spec as a dict, or a whole BatterySimulation as a dict. In a dict, a profile or
        another table may be a path of a file or a pandas data frame.

    Raises:
        InvalidSpecError: it is a manifest of something else, or a file cannot be read.
    """
    if isinstance(simulation, BatterySimulationSpec):
        simulation = simulation.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    metadata: Mapping[str, Any] = {}
    spec: Mapping[str, Any] = simulation
    if not _AROUND.isdisjoint(simulation):
        _require_ours(simulation)
        metadata, spec = simulation.get("metadata") or {}, simulation.get("spec") or {}
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": _metadata(metadata, default_namespace, name, namespace, labels),
        "spec": in_api_server_form(without_numpy(with_texts(spec))),
    }


def is_sweep(document: Mapping[str, Any]) -> bool:
    """Whether a spec, or a whole manifest, is that of a sweep."""
    return document.get("kind") == names.SWEEP_KIND or "simulation" in document


def to_sweep_manifest(
    sweep: Mapping[str, Any],
    default_namespace: str,
    *,
    name: str | None = None,
    namespace: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a manifest with a namespace, labels and annotations. Arguments override the manifest.

    sweep: a spec as a dict, or a whole BatterySweep as a dict; a profile or another table may be a path of a
        file or a pandas data frame.

    Raises:
        InvalidSpecError: it is a manifest of something else, or a file cannot be read.
    """
    metadata: Mapping[str, Any] = {}
    spec: Mapping[str, Any] = sweep
    if not _AROUND.isdisjoint(sweep):
        _require_ours(sweep, names.SWEEP_KIND)
        metadata, spec = sweep.get("metadata") or {}, sweep.get("spec") or {}
    spec = without_numpy(with_texts_of_sweep(spec))
    if "simulation" in spec:
        spec = {**spec, "simulation": in_api_server_form(spec["simulation"])}
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.SWEEP_KIND,
        "metadata": _metadata(metadata, default_namespace, name, namespace, labels),
        "spec": spec,
    }


def require_name(name: object) -> str:
    """Return a name of an object or a namespace, which goes into paths.

    Raises:
        RefusedError: it cannot be one.
    """
    if not isinstance(name, str) or not is_subdomain(name):
        raise RefusedError(f"{name!r} cannot be a name: it {WORDS_FOR_SUBDOMAIN}")
    return name


def require_prefix(prefix: object) -> str:
    """Return the beginning of a name that is generated.

    Raises:
        RefusedError: it cannot be one.
    """
    if not is_name_prefix(prefix):
        raise RefusedError(f"{prefix!r} cannot be generateName: it {WORDS_FOR_PREFIX}")
    return str(prefix)


def _metadata(
    metadata: Mapping[str, Any],
    default_namespace: str,
    name: str | None,
    namespace: str | None,
    labels: Mapping[str, str] | None,
) -> dict[str, Any]:
    given = {key: metadata[key] for key in _METADATA if metadata.get(key)}
    named, prefix = name or given.get("name"), given.get("generateName")
    return {
        **({} if named is None else {"name": require_name(named)}),
        **({} if prefix is None else {"generateName": require_prefix(prefix)}),
        "namespace": require_name(namespace or given.get("namespace") or default_namespace),
        "labels": {**given.get("labels", {}), **(labels or {})},
        "annotations": given.get("annotations", {}),
    }


def _require_ours(manifest: Mapping[str, Any], kind: str = names.KIND) -> None:
    problems = [
        Problem(FailureReason.INVALID_SPEC, field, f"must be {expected}, not {manifest.get(field)!r}")
        for field, expected in (("apiVersion", names.API_VERSION), ("kind", kind))
        if manifest.get(field) != expected
    ]
    if problems:
        raise InvalidSpecError(problems)
