"""BatterySweeps in memory, and parts as a shard's pod sends them."""

import asyncio
import io
import uuid
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from batterysim import names
from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster.cluster import (
    Child,
    ClusterError,
    ExistsError,
    Listing,
    StatusConflictError,
    WatchEvent,
    WatchEventType,
)
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.sweeps import SweepIdentity, identity_of, to_sweep
from batterysim_kube.controllers import Controller

from .builders import NAMESPACE, RUNNER_TOKEN, digest
from .fake_cluster import JOB_UID, POD_UID, FakeCluster

SWEEP = "c-rates"
SWEEP_UID = "7d0b7d6c-35f3-4b60-9d1a-6c3ad4b2a0aa"
SWEEP_PATH = names.sweep_path(NAMESPACE, SWEEP)
IDENTITY = SweepIdentity(NAMESPACE, SWEEP, SWEEP_UID, "1")
SPEC: dict[str, Any] = {
    "simulation": {
        "model": {"family": "SPM"},
        "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 1.0},
        "protocol": {"constantCurrent": {"cRate": 1, "durationSeconds": 7200}},
    },
    "vary": [{"field": "protocol.constantCurrent.cRate", "values": [0.5, 1.0, 2.0, 3.0]}],
    "design": {"grid": {}},
}


class FakeSweeps:
    """Change its attributes to make it another cluster."""

    def __init__(self) -> None:
        self.manifests: dict[str, dict[str, Any]] = {}
        self.statuses: list[dict[str, Any]] = []
        self.is_down = False
        self._deleted = 1
        self.refusal: Exception | None = None
        self.forbidden: set[str | None] = set()

    def add(self, name: str = SWEEP, uid: str = SWEEP_UID, **status: Any) -> None:
        """Have a sweep."""
        self.manifests[name] = {
            "apiVersion": names.API_VERSION,
            "kind": names.SWEEP_KIND,
            "metadata": {
                "namespace": NAMESPACE,
                "name": name,
                "uid": uid,
                "resourceVersion": "1",
                "creationTimestamp": "2026-11-24T12:00:00Z",
                "managedFields": [{"manager": "kubectl-create"}],
            },
            "spec": SPEC,
            "status": status,
        }

    async def identity(self, namespace: str, name: str) -> SweepIdentity | None:
        found = self.manifests.get(name)
        return None if found is None else identity_of(found)

    async def manifest(self, namespace: str, name: str) -> dict[str, Any] | None:
        return self.manifests.get(name)

    async def labelled(
        self, namespace: str, label: str, value: str, at: str | None = None
    ) -> tuple[dict[str, Any], ...]:
        found = self.manifests.values()
        return tuple(item for item in found if item["metadata"].get("labels", {}).get(label) == value)

    async def create(self, manifest: dict[str, Any]) -> dict[str, Any]:
        metadata = manifest["metadata"]
        name = metadata.get("name") or f"{metadata['generateName']}{len(self.manifests)}"
        if name in self.manifests:
            raise ExistsError(f"{name!r} already exists")
        own = {"name": name, "uid": str(uuid.uuid4()), "resourceVersion": "1"}
        self.manifests[name] = {**manifest, "metadata": {**metadata, **own}}
        return self.manifests[name]

    async def delete(self, namespace: str, name: str, uid: str | None = None) -> bool:
        return self.manifests.pop(name, None) is not None

    async def suspend(self, namespace: str, name: str, *, suspended: bool) -> dict[str, Any] | None:
        if self.refusal is not None:
            raise self.refusal
        found = self.manifests.get(name)
        if found is not None:
            spec = found["spec"]
            generation = found["metadata"].get("generation", 1) + 1
            found = {
                **found,
                "metadata": {**found["metadata"], "generation": generation},
                "spec": {**spec, "run": {**spec.get("run", {}), "suspend": suspended}},
            }
            self.manifests[name] = found
        return found

    async def state(self, namespace: str, name: str) -> ObjectState | None:
        found = self.manifests.get(name)
        return None if found is None else to_sweep(found)

    async def listing(self, namespace: str | None) -> Listing:
        return Listing(tuple(map(to_sweep, self.manifests.values())), str(self._version()))

    async def watch(
        self, namespace: str | None, since: str, seconds: int
    ) -> AsyncGenerator[WatchEvent, None]:
        """Tell what has changed, soon after it has."""
        known: dict[str, ObjectState] = {}
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline:
            for item in list(self.manifests.values()):
                state = to_sweep(item)
                if state != known.get(state.uid):
                    item["metadata"]["resourceVersion"] = str(self._version() + 1)
                    known[state.uid] = state = to_sweep(item)
                    yield WatchEvent(WatchEventType.MODIFIED, state, state.resource_version)
            living = {item["metadata"]["uid"] for item in self.manifests.values()}
            for uid in known.keys() - living:
                gone = known.pop(uid)
                self._deleted = max(self._version(), gone.version) + 1
                gone = gone._replace(resource_version=str(self._deleted))
                yield WatchEvent(WatchEventType.DELETED, gone, gone.resource_version)
            await asyncio.sleep(0.01)

    def _version(self) -> int:
        versions = [int(item["metadata"]["resourceVersion"]) for item in self.manifests.values()]
        return max([self._deleted, *versions])

    async def living_uids(self, namespace: str | None) -> frozenset[str]:
        if namespace in self.forbidden:
            raise ClusterError("the API server did not list BatterySweeps: 403 forbidden", 403)
        return frozenset(item["metadata"]["uid"] for item in self.manifests.values())

    async def apply_status(self, sweep: SweepIdentity, status: Mapping[str, object]) -> None:
        if self.is_down:
            raise ClusterError("cannot write a status: no answer from the API server")
        found = self.manifests.get(sweep.name)
        if found is None or found["metadata"]["uid"] != sweep.uid:
            raise StatusConflictError(f"{sweep.uid} is gone")
        self.statuses.append(dict(status))
        found["status"] = {**found["status"], **status}


async def show_sweeps(bridge: Bridge) -> None:
    """Have the bridge know the sweeps that there are now."""
    bridge.known_sweeps.replace(None, await bridge.sweeps.listing(None))


def run_sweep_in(cluster: FakeCluster) -> None:
    """Have the runner's pod belong to the sweep's Job."""
    job = names.sweep_job_name(SWEEP_UID)
    cluster.pods["runner-pod"] = Child("runner-pod", POD_UID, Controller("Job", job, JOB_UID))
    cluster.jobs[job] = Child(job, JOB_UID, Controller(names.SWEEP_KIND, SWEEP, SWEEP_UID))


def part(*points: int, failed: int = -1) -> bytes:
    """Return a part of a table. failed: the point that has."""
    table = pa.table(
        {
            "point": pa.array(points, pa.int64()),
            "status": ["Failed" if point == failed else "Succeeded" for point in points],
            "message": pa.array([None if point != failed else "at time 0" for point in points], pa.string()),
            "endVolts": pa.array(
                [None if point == failed else 3 + point / 10 for point in points], pa.float64()
            ),
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def part_headers(content: bytes, token: str = RUNNER_TOKEN) -> dict[str, str]:
    """Return the headers of a good upload."""
    return {
        "Authorization": f"Bearer {token}",
        "Content-Type": PARQUET_MEDIA_TYPE,
        "Content-Digest": digest(content),
    }


def tally(points: int = 2, **fields: Any) -> dict[str, Any]:
    """Return a shard's report, of two shards with two points each."""
    return {"designPoints": 4, "shards": 2, "points": points} | fields
