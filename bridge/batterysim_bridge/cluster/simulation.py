"""A BatterySimulation, as much of it as the bridge keeps in memory. Of a BatterySweep it keeps the same."""

import json
import zlib
from collections.abc import Mapping
from sys import intern
from types import MappingProxyType
from typing import Any, NamedTuple

from batterysim import names
from batterysim.callback_debt import is_undelivered
from batterysim.isolation import way_to_run
from batterysim.spec.protocols.protocol import PROTOCOL_KINDS
from batterysim.status import ENDED_PHASES, Phase
from batterysim_formats.compact_json import to_json

PROTOCOLS = tuple(PROTOCOL_KINDS)
"""The protocols' names in a spec."""

# What other programs note down for themselves, up to as large as the object itself.
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_NO_LABELS: Mapping[str, str] = MappingProxyType({})


class SharedRun(NamedTuple):
    """Of a simulation that shared runners run: which attempt may be run, and who has which.

    claim: the status's field, as it is; None: nobody has had it.
    has_job: whether it was given to a Job after all.
    """

    granted_attempt: int
    claim: Mapping[str, object] | None
    has_job: bool


class SimulationState(NamedTuple):
    """A BatterySimulation without its spec, which may be large; or a BatterySweep, see `to_sweep`."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    phase: str | None = None
    has_result: bool = False
    callback_id: str | None = None
    created_time: str = ""
    """As Kubernetes writes it, which sorts as text: 2026-11-24T12:00:00Z."""
    protocol: str | None = None
    """One of PROTOCOLS."""
    labels: Mapping[str, str] = _NO_LABELS
    is_being_deleted: bool = False
    created_by: str | None = None
    """Which program has made it, as its label says."""
    ended_time: str | None = None
    """As Kubernetes writes it; None: it has not ended."""
    owes_callback: bool = False
    """Whether a callback has still to be delivered, or will have to be at the end."""
    kept_seconds: int | None = None
    """How long it is kept after its end; None: as the settings say."""
    result_kept_seconds: int | None = None
    """How long its result is kept; None: as the settings say."""
    shared: SharedRun | None = None
    """None: shared runners have nothing to do with it."""
    packed: bytes = zlib.compress(b"{}")
    """The document, compressed to less than half: of 10,000 simulations there are as many."""

    @property
    def identity(self) -> tuple[str, str, str]:
        """Namespace, name and UID."""
        return self.namespace, self.name, self.uid

    @property
    def document(self) -> bytes:
        """Metadata and status as JSON: what lists and events show."""
        return zlib.decompress(self.packed)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is going to happen by itself."""
        return self.phase in ENDED_PHASES

    @property
    def status(self) -> dict[str, Any]:
        """The status as the API server has it, read from the document at each use."""
        status: dict[str, Any] = json.loads(self.document).get("status", {})
        return status

    @property
    def version(self) -> int:
        """The resource version as a number: a later change of any object has a greater one."""
        return int(self.resource_version)


def to_simulation(raw: Mapping[str, Any]) -> SimulationState:
    """Return what is kept of an object of the API server's."""
    metadata, spec, status = raw["metadata"], raw.get("spec") or {}, raw.get("status") or {}
    protocol = spec.get("protocol") or {}
    retention = (spec.get("run") or {}).get("retention") or {}
    labels = metadata.get("labels")
    phase = status.get("phase")
    return SimulationState(
        namespace=intern(metadata["namespace"]),
        name=metadata["name"],
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        phase=phase,
        has_result="results" in status,
        callback_id=(spec.get("callback") or {}).get("id"),
        created_time=metadata.get("creationTimestamp", ""),
        protocol=next((name for name in PROTOCOLS if name in protocol), None),
        labels=MappingProxyType(labels) if labels else _NO_LABELS,
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
