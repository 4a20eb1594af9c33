"""BatterySimulations, as the bridge knows them."""

import zlib
from collections.abc import Mapping
from sys import intern
from types import MappingProxyType
from typing import Any

from batterysim import names
from batterysim.callback_debt import is_undelivered
from batterysim.isolation import way_to_run
from batterysim.spec.protocols.protocol import PROTOCOL_KINDS
from batterysim.status import ENDED_PHASES, Phase
from batterysim_bridge.cluster.object_state import NO_LABELS, ObjectState, SharedRun
from batterysim_formats.compact_json import to_json

PROTOCOLS = tuple(PROTOCOL_KINDS)
"""The protocols' names in a spec."""

# What other programs note down for themselves, up to as large as the object itself.
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def to_simulation(raw: Mapping[str, Any]) -> ObjectState:
    """Return what is kept of an object of the API server's."""
    metadata, spec, status = raw["metadata"], raw.get("spec") or {}, raw.get("status") or {}
    protocol = spec.get("protocol") or {}
    retention = (spec.get("run") or {}).get("retention") or {}
    labels = metadata.get("labels")
    phase = status.get("phase")
    return ObjectState(
        namespace=intern(metadata["namespace"]),
        name=metadata["name"],
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        phase=phase,
        has_result="results" in status,
        callback_id=(spec.get("callback") or {}).get("id"),
        created_time=metadata.get("creationTimestamp", ""),
        protocol=next((name for name in PROTOCOLS if name in protocol), None),
        labels=MappingProxyType(labels) if labels else NO_LABELS,
        is_being_deleted="deletionTimestamp" in metadata,
        created_by=(labels or {}).get(names.LABEL_CREATED_BY),
        ended_time=status.get("completionTime") if phase in ENDED_PHASES else None,
        owes_callback=phase != Phase.INVALID and is_undelivered(raw),
        kept_seconds=retention.get("simulationSeconds"),
        result_kept_seconds=retention.get("resultSeconds"),
        shared=_shared_run(spec, status),
        packed=zlib.compress(to_json(_without_spec(raw)), zlib.Z_BEST_SPEED),
    )


def _shared_run(spec: Mapping[str, Any], status: Mapping[str, Any]) -> SharedRun | None:
    """Return what is to be known of a run on shared runners, whether the namespace has any or not."""
    claim = status.get("claim")
    if claim is None and way_to_run(spec, has_shared_runners=True).isolation != "Process":
        return None
    return SharedRun(status.get("attempt", 1), claim, "jobName" in status)


def manifest(raw: Mapping[str, Any], kind: str = names.KIND) -> dict[str, Any]:
    """Return an object as users see it: whole, but for the notes of other programs in its metadata."""
    return {"apiVersion": names.API_VERSION, "kind": kind, **raw, "metadata": _metadata(raw)}


def without_notes(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object as lists show it: without its spec, and the notes of other programs."""
    return _without_spec(raw)


def _without_spec(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {"metadata": _metadata(raw), "status": raw.get("status") or {}}


def _metadata(raw: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in raw["metadata"].items() if key != "managedFields"}
    annotations = {
        key: value for key, value in metadata.pop("annotations", {}).items() if key != _LAST_APPLIED
    }
    return {**metadata, "annotations": annotations} if annotations else metadata
