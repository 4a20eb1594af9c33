"""A cluster in memory, with one simulation whose runner is at work, and one user who may read it."""

import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from batterysim import names
from batterysim.names import FieldManager
from batterysim_bridge.cluster.cluster import (
    POD_NAME_EXTRA,
    POD_UID_EXTRA,
    Child,
    Cleanups,
    ClusterError,
    ExistsError,
    Listing,
    StatusConflictError,
    SupersededError,
    User,
    WatchEvent,
)
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.simulation import to_simulation
from batterysim_kube.controllers import Controller

from .builders import API_TOKEN, NAME, NAMESPACE, READER_TOKEN, RUNNER_TOKEN, UID, WRITER_TOKEN, simulation

POD_UID = "a5518533-995a-4d73-8f70-9b44f7db59f4"
JOB_UID = "e3d58069-c191-473a-8e76-24581c28f9f1"
SIMULATION = simulation()
RUNNER = User(
    f"system:serviceaccount:{NAMESPACE}:batterysim-runner",
    "sa-uid",
    ("system:serviceaccounts",),
    {POD_NAME_EXTRA: ["runner-pod"], POD_UID_EXTRA: [POD_UID]},
)
READER = User("ada", "ada-uid", ("engineers",), {})
WRITER = User("grace", "grace-uid", ("engineers",), {})


class FakeCluster:
    """Change its attributes to make it another cluster."""

    def __init__(self) -> None:
        self.users: dict[tuple[str, str | None], User] = {
            (RUNNER_TOKEN, names.TOKEN_AUDIENCE): RUNNER,
            (READER_TOKEN, names.TOKEN_AUDIENCE): READER,
            (WRITER_TOKEN, names.TOKEN_AUDIENCE): WRITER,
            (API_TOKEN, None): READER,
        }
        self.readers = {READER.username, WRITER.username}
        self.writers = {WRITER.username}
        self.objects = {NAME: SIMULATION}
        self.manifests: dict[str, dict[str, Any]] = {}
        self.version = 100
        self.created_at: dict[str, int] = {}
        """Resource version of the creation, by UID."""
        self.pods = {
            "runner-pod": Child("runner-pod", POD_UID, Controller("Job", names.job_name(UID), JOB_UID))
        }
        self.jobs = {
            names.job_name(UID): Child(names.job_name(UID), JOB_UID, Controller(names.KIND, NAME, UID))
        }
        self.status: dict[str, object] = {}
        self.progress_owner: FieldManager | None = None
        self.watches: list[list[WatchEvent | BaseException]] = []
        self.watched_from: list[str] = []
        self.reviewed: list[str] = []
        self.read: list[str] = []
        self.asked: list[tuple[str, str | None, str | None]] = []
        self.asked_resources: set[str] = set()
        self.is_down = False
        self.forbidden: set[str | None] = set()
        self.refuses_status = False
        self.cleaned_up = 0
        self.lease_error: ClusterError | None = None
        self.refusal: Exception | None = None

    def _answer(self) -> None:
        if self.is_down:
            raise ClusterError("cannot read: no answer from the API server")

    async def review_token(self, token: str, audience: str | None) -> User | None:
        self._answer()
        self.reviewed.append(token)
        return self.users.get((token, audience))

    async def may(
        self, user: User, verb: str, namespace: str | None, name: str | None, resource: str = names.PLURAL
    ) -> bool:
        self._answer()
        self.asked.append((verb, namespace, name))
        self.asked_resources.add(resource)
        return user.username in (self.readers if verb in ("get", "list", "watch") else self.writers)

    async def pod(self, namespace: str, name: str) -> Child | None:
        self._answer()
        self.read.append(name)
        return self.pods.get(name)

    async def job(self, namespace: str, name: str) -> Child | None:
        self._answer()
        self.read.append(name)
        return self.jobs.get(name)

    async def state(self, namespace: str, name: str) -> ObjectState | None:
        self._answer()
        self.read.append(name)
        return self.objects.get(name)

    async def manifest(self, namespace: str, name: str) -> dict[str, Any] | None:
        self._answer()
        self.read.append(name)
        return self.manifests.get(name)

    async def labelled(
        self, namespace: str, label: str, value: str, at: str | None = None
    ) -> tuple[dict[str, Any], ...]:
        self._answer()
        return tuple(
            manifest
            for manifest in self.manifests.values()
            if manifest["metadata"]["namespace"] == namespace
            and manifest["metadata"].get("labels", {}).get(label) == value
            and (at is None or self.created_at[manifest["metadata"]["uid"]] <= int(at))
        )

    async def create(self, manifest: dict[str, Any]) -> dict[str, Any]:
        self._answer()
        if self.refusal is not None:
            raise self.refusal
        metadata = manifest["metadata"]
        name = metadata.get("name") or f"{metadata['generateName']}{len(self.manifests)}"
        if name in self.objects:
            raise ExistsError(f"{name!r} already exists")
        self.version += 1
        uid = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}{self.version}"))
        self.created_at[uid] = self.version
        own = {
            "name": name,
            "uid": uid,
            "resourceVersion": str(self.version),
            "creationTimestamp": "2026-11-24T12:00:00Z",
            "managedFields": [{"manager": "batterysim-bridge"}],
        }
        created = {**manifest, "metadata": {**metadata, **own}}
        self.manifests[name] = created
        self.objects[name] = to_simulation(created)
        return created

    async def delete(self, namespace: str, name: str, uid: str | None = None) -> bool:
        self._answer()
        if uid is not None and name in self.objects and self.objects[name].uid != uid:
            return False
        self.manifests.pop(name, None)
        return self.objects.pop(name, None) is not None

    async def apply_status(
        self,
        simulation: ObjectState,
        status: Mapping[str, object],
        manager: FieldManager,
        *,
        force: bool,
        unless: Callable[[ObjectState], bool] = lambda _: False,
    ) -> None:
        self._answer()
        if self.refuses_status:
            raise ClusterError("cannot write a status: no answer from the API server")
        live = self.objects.get(simulation.name)
        if live is None or live.uid != simulation.uid:
            raise StatusConflictError(f"{simulation.uid} is gone")
        if unless(live):
            raise SupersededError(f"{simulation.name} is in phase {live.phase}")
        if not force and self.progress_owner not in (None, manager):
            raise StatusConflictError(f"progress belongs to {self.progress_owner}")
        self.progress_owner = manager
        self.status.update(status)

    async def apply_status_once(
        self, simulation: ObjectState, status: Mapping[str, object], manager: FieldManager
    ) -> dict[str, Any] | None:
        self._answer()
        manifest = self.manifests.get(simulation.name)
        if manifest is None or manifest["metadata"]["resourceVersion"] != simulation.resource_version:
            return None
        version = str(int(simulation.resource_version) + 1)
        changed = {
            **manifest,
            "metadata": {**manifest["metadata"], "resourceVersion": version},
            "status": {**manifest.get("status", {}), **status},
        }
        self.manifests[simulation.name] = changed
        self.objects[simulation.name] = to_simulation(changed)
        return changed

    def _list(self, namespace: str | None) -> None:
        self._answer()
        if namespace in self.forbidden:
            raise ClusterError("the API server did not list BatterySimulations: 403 forbidden", 403)

    async def listing(self, namespace: str | None) -> Listing:
        self._list(namespace)
        return Listing(tuple(self.objects.values()), "1")

    async def living_uids(self, namespace: str | None) -> frozenset[str]:
        self._list(namespace)
        return frozenset(simulation.uid for simulation in self.objects.values())

    async def watch(
        self, namespace: str | None, since: str, seconds: int
    ) -> AsyncGenerator[WatchEvent, None]:
        """Play what `watches` has, one after the other."""
        self._answer()
        self.watched_from.append(since)
        for event in self.watches.pop(0):
            if isinstance(event, BaseException):
                raise event
            yield event

    async def cleanups(self) -> Cleanups:
        self._answer()
        if self.lease_error is not None:
            raise self.lease_error
        return Cleanups(self.cleaned_up, str(self.cleaned_up))

    async def count_cleanup(self, before: Cleanups, number: int) -> bool:
        self._answer()
        if before.version != str(self.cleaned_up):
            return False
        self.cleaned_up = number
        return True

    async def ping(self) -> None:
        self._answer()
