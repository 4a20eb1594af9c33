"""BatterySweeps, as the bridge knows them. There are few, so it keeps none in memory."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, NamedTuple, Protocol

from batterysim import names
from batterysim.names import FieldManager
from batterysim.sweep.status import SweepPhase
from batterysim_bridge.cluster.api_errors import api_errors
from batterysim_bridge.cluster.cluster import (
    ClusterError,
    Manifest,
    RefusedError,
    StatusConflictError,
    WatchEventType,
)
from batterysim_bridge.cluster.objects import KubernetesObjects
from batterysim_kube.api_server import MERGE_PATCH, METADATA_ONLY, ApiServer
from batterysim_kube.documents import lean_metadata, lean_object, read_event
from batterysim_kube.errors import REFUSALS, ApiException, Conflict, NotFound, message_of
from batterysim_kube.paths import sweeps_path
from batterysim_kube.skipping import read_each
from batterysim_kube.status import AlwaysChangingError, Target, apply_in_step, apply_status

ENDED = (SweepPhase.SUCCEEDED, SweepPhase.FAILED)


class SweepIdentity(NamedTuple):
    """A BatterySweep by its names."""

    namespace: str
    name: str
    uid: str
    resource_version: str


class Deleted(NamedTuple):
    """A BatterySweep that was deleted."""

    namespace: str
    uid: str


class SweepObjects(Protocol):
    """The BatterySweeps of a cluster. Every method raises ClusterError when it cannot answer."""

    async def identity(self, namespace: str, name: str) -> SweepIdentity | None:
        """Return a sweep's names; None if there is none."""

    async def manifest(self, namespace: str, name: str) -> Manifest | None:
        """Return a sweep as the API server has it; None if there is none."""

    async def labelled(
        self, namespace: str, label: str, value: str, at: str | None = None
    ) -> tuple[Manifest, ...]:
        """Return the sweeps with this label, the oldest first. at: at this very resource version."""

    async def create(self, manifest: Manifest) -> Manifest:
        """Create a sweep. Raises as Cluster.create."""

    async def delete(self, namespace: str, name: str, uid: str | None = None) -> bool:
        """Delete a sweep and what belongs to it. Tells whether there was one."""

    async def suspend(self, namespace: str, name: str, *, suspended: bool) -> Manifest | None:
        """Suspend a sweep, or go on with it; return it, or None if there is none.

        Raises:
            RefusedError: the API server does not want it.
        """

    async def listing(self, namespace: str | None) -> list[Manifest]:
        """Return the sweeps of a namespace (None: of all), with sketches of their specs."""

    async def living_uids(self, namespace: str | None) -> frozenset[str]:
        """Return the UIDs of a namespace's sweeps at this moment; None: of all namespaces."""

    async def apply_status(self, sweep: SweepIdentity, status: Mapping[str, object]) -> None:
        """Apply the bridge's part of the status, to the object with this very UID only.

        Raises:
            StatusConflictError: the object is gone or was made again.
        """

    def deletions(self, namespace: str | None, seconds: int) -> AsyncGenerator[Deleted, None]:
        """Tell which sweeps are deleted from now on, for this many seconds."""


class KubernetesSweeps(KubernetesObjects):
    """See SweepObjects."""

    def __init__(self, api_server: ApiServer) -> None:
        super().__init__(api_server, names.SWEEP_KIND, sweeps_path)

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

    async def listing(self, namespace: str | None) -> list[Manifest]:
        """See SweepObjects."""
        found: list[Manifest] = []
        with api_errors("list BatterySweeps"):
            async for page in self._api.pages(sweeps_path(namespace)):
                found.extend(read_each(page.items, lean_object))
        return found

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

    async def deletions(self, namespace: str | None, seconds: int) -> AsyncGenerator[Deleted, None]:
        """See SweepObjects."""
        with api_errors("watch BatterySweeps"):
            page = await self._api.request("GET", sweeps_path(namespace), query={"limit": 1})
            since = {"resourceVersion": page["metadata"]["resourceVersion"]}
            async with aclosing(self._api.watch(sweeps_path(namespace), since, seconds)) as lines:
                async for line in lines:
                    for event in read_each([line], read_event):
                        if event.type == WatchEventType.DELETED:
                            metadata = lean_metadata(event.item)["metadata"]
                            yield Deleted(metadata["namespace"], metadata["uid"])


def identity_of(manifest: Mapping[str, Any]) -> SweepIdentity:
    """Return the names of a sweep."""
    metadata = manifest["metadata"]
    return SweepIdentity(
        metadata["namespace"], metadata["name"], metadata["uid"], metadata["resourceVersion"]
    )
