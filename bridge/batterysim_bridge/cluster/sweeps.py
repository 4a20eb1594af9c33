"""BatterySweeps, as the bridge knows them."""

import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from batterysim import names
from batterysim.names import FieldManager
from batterysim.sweep.status import SweepPhase
from batterysim_bridge.cluster.api_errors import api_errors
from batterysim_bridge.cluster.cluster import (
    ClusterError,
    Manifest,
    Objects,
    RefusedError,
    StatusConflictError,
)
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.objects import KubernetesObjects
from batterysim_bridge.cluster.simulation import without_notes
from batterysim_formats.compact_json import to_json
from batterysim_kube.api_server import MERGE_PATCH, METADATA_ONLY, ApiServer
from batterysim_kube.errors import REFUSALS, ApiException, Conflict, NotFound, message_of
from batterysim_kube.paths import sweeps_path
from batterysim_kube.status import AlwaysChangingError, Target, apply_in_step, apply_status

ENDED = (SweepPhase.SUCCEEDED, SweepPhase.FAILED, SweepPhase.INVALID)


class SweepIdentity(NamedTuple):
    """A BatterySweep by its names."""

    namespace: str
    name: str
    uid: str
    resource_version: str


class SweepObjects(Objects, Protocol):
    """The BatterySweeps of a cluster. Every method raises ClusterError when it cannot answer."""

    async def identity(self, namespace: str, name: str) -> SweepIdentity | None:
        """Return a sweep's names; None if there is none."""

    async def suspend(self, namespace: str, name: str, *, suspended: bool) -> Manifest | None:
        """Suspend a sweep, or go on with it; return it, or None if there is none.

        Raises:
            RefusedError: the API server does not want it.
        """

    async def apply_status(self, sweep: SweepIdentity, status: Mapping[str, object]) -> None:
        """Apply the bridge's part of the status, to the object with this very UID only.

        Raises:
            StatusConflictError: the object is gone or was made again.
        """


class KubernetesSweeps(KubernetesObjects):
    """See SweepObjects."""

    def __init__(self, api_server: ApiServer) -> None:
        super().__init__(api_server, names.SWEEP_KIND, sweeps_path, to_sweep)

    async def identity(self, namespace: str, name: str) -> SweepIdentity | None:
        """See SweepObjects."""
        with api_errors("read a BatterySweep"):
            try:
                found = await self._api.request("GET", sweeps_path(namespace, name), headers=METADATA_ONLY)
            except NotFound:
                return None
        return identity_of(found)

    async def suspend(self, namespace: str, name: str, *, suspended: bool) -> Manifest | None:
        """See SweepObjects."""
        path, body = sweeps_path(namespace, name), {"spec": {"run": {"suspend": suspended}}}
        with api_errors("change a BatterySweep"):
            try:
                changed: Manifest = await self._api.request("PATCH", path, body=body, headers=MERGE_PATCH)
            except NotFound:
                return None
            except ApiException as error:
                if error.status in REFUSALS:
                    raise RefusedError(error.status, message_of(error)) from error
                raise
        return changed

    async def apply_status(self, sweep: SweepIdentity, status: Mapping[str, object]) -> None:
        """See SweepObjects."""

        async def apply(seen: SweepIdentity) -> Any:
            target = Target(*seen, names.SWEEP_KIND)
            return await apply_status(self._api, target, status, FieldManager.BRIDGE, force=True)

        with api_errors("write a status"):
            try:
                applied = await apply_in_step(
                    sweep, apply, lambda: self.identity(sweep.namespace, sweep.name), lambda seen: seen.uid
                )
            except Conflict as error:
                raise StatusConflictError(message_of(error)) from error
            except AlwaysChangingError as error:
                raise ClusterError(f"cannot write the status of {sweep.name!r}: {error}") from error
        if applied is None:
            raise StatusConflictError(f"{sweep.name!r} with UID {sweep.uid} is gone")


def identity_of(manifest: Mapping[str, Any]) -> SweepIdentity:
    """Return the names of a sweep."""
    metadata = manifest["metadata"]
    return SweepIdentity(
        metadata["namespace"], metadata["name"], metadata["uid"], metadata["resourceVersion"]
    )


def to_sweep(raw: Mapping[str, Any]) -> ObjectState:
    """Return what is kept of a sweep of the API server's: as of a simulation, so that lists, watches and
    lifetimes of both are the same."""
    metadata, spec, status = raw["metadata"], raw.get("spec") or {}, raw.get("status") or {}
    retention = (spec.get("run") or {}).get("retention") or {}
    phase = status.get("phase")
    return ObjectState(
        namespace=metadata["namespace"],
        name=metadata["name"],
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        phase=phase,
        has_result="results" in status,
        created_time=metadata.get("creationTimestamp", ""),
        labels=MappingProxyType(metadata.get("labels") or {}),
        is_being_deleted="deletionTimestamp" in metadata,
        ended_time=status.get("completionTime") if phase in ENDED else None,
        kept_seconds=retention.get("sweepSeconds"),
        result_kept_seconds=retention.get("tableSeconds"),
        packed=zlib.compress(to_json(without_notes(raw)), zlib.Z_BEST_SPEED),
    )
