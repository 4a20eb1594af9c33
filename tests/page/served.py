"""A bridge on this machine, with simulations that never ran in a cluster, for a browser to look at."""

import asyncio
import hashlib
import itertools
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
import yaml

from batterysim import names
from batterysim.checks.validation import parse_spec
from batterysim.spec.protocol_text import describe_protocol
from batterysim.sweep.checks import parse_sweep
from batterysim_bridge.app import create_app
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster.cluster import User, WatchEvent
from batterysim_bridge.cluster.simulation import to_simulation
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.results.file import describe
from batterysim_bridge.settings import Settings
from batterysim_bridge.store.checkpoints import DirectoryCheckpointStore
from batterysim_bridge.store.directory import DirectoryStore
from batterysim_bridge.store.settings import StoreSettings
from batterysim_bridge.store.store import ResultKey, ResultRecord
from batterysim_bridge.store.tables.tables import DirectorySweepStore
from batterysim_runner.sweep.design import Points
from tests.builders import WorkHere, iso
from tests.unit.bridge.builders import NAMESPACE, READER_TOKEN, WRITER_TOKEN
from tests.unit.bridge.fake_cluster import FakeCluster
from tests.unit.bridge.fake_sweeps import FakeSweeps

from .sweep_tables import Outcome, Spec, large_parts, many, parts_of, solved, status_of

ROOT = Path(__file__).parents[2]
VIEWER, EDITOR = READER_TOKEN, WRITER_TOKEN
CLOSED_NAMESPACE = "closed"
WAITED = timedelta(seconds=42)
"""From the Job's creation to the start of the runner, in each of these simulations."""
RAN = timedelta(seconds=2)
"""From there to the result."""

Manifest = dict[str, Any]


class QuietCluster(FakeCluster):
    """Begins empty, and nothing happens in it by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.objects, self.manifests = {}, {}

    async def may(
        self, user: User, verb: str, namespace: str | None, name: str | None, resource: str = names.PLURAL
    ) -> bool:
        """Let nobody into one of the namespaces."""
        return namespace != CLOSED_NAMESPACE and await super().may(user, verb, namespace, name, resource)

    async def watch(
        self, namespace: str | None, since: str, seconds: int
    ) -> AsyncGenerator[WatchEvent, None]:
        """Tell nothing."""
        await asyncio.sleep(seconds)
        return
        yield


class Served:
    """The bridge and what is in it."""

    def __init__(self, folder: Path) -> None:
        self.cluster = QuietCluster()
        self.store = DirectoryStore(folder)
        self.sweeps = FakeSweeps()
        self.sweep_store = DirectorySweepStore(folder)
        settings = Settings(bridge_url="http://bridge:8084", result_store=StoreSettings(directory=folder))
        checkpoints = DirectoryCheckpointStore(folder)
        self.bridge = Bridge(
            settings,
            self.cluster,
            self.store,
            checkpoints,
            Metrics(),
            WorkHere(),
            lambda: datetime.now(UTC),
            self.sweeps,
            self.sweep_store,
        )
        self.url = ""
        self._numbers = itertools.count(1)

    def add(self, name: str, spec: Manifest, **status: Any) -> Manifest:
        """Add a simulation with a status; return it."""
        number = next(self._numbers)
        manifest: Manifest = {
            "apiVersion": "batterysim.dev/v1alpha1",
            "kind": "BatterySimulation",
            "metadata": {
                "namespace": NAMESPACE,
                "name": name,
                "uid": f"00000000-0000-4000-8000-{number:012d}",
                "resourceVersion": str(number),
                "creationTimestamp": iso(datetime.now(UTC) - timedelta(minutes=5)),
            },
            "spec": spec,
            "status": status,
        }
        self.cluster.manifests[name] = manifest
        self.cluster.objects[name] = to_simulation(manifest)
        return manifest

    def add_result(self, name: str, file: Path, spec: Manifest) -> Manifest:
        """Add a simulation that has succeeded with this result, as operator and bridge would tell it."""
        content, described = file.read_bytes(), describe(file)
        created = datetime.now(UTC) - timedelta(minutes=4)
        started, ended = created + WAITED, created + WAITED + RAN
        manifest = self.add(
            name,
            spec,
            phase="Succeeded",
            protocol=describe_protocol(parse_spec(spec)),
            conditions=conditions(ended, "True", described.metadata.summary.end_reason),
            startTime=iso(created),
            completionTime=iso(ended),
            summary=described.metadata.summary.to_json_dict(),
            provenance=described.metadata.provenance.to_json_dict(),
            results={
                "uri": f"http://bridge:8084/v1/simulations/{NAMESPACE}/{name}/result",
                "sha256": hashlib.sha256(content).hexdigest(),
                "sizeBytes": len(content),
                "rows": described.rows,
            },
            timeline={
                "acceptedTime": iso(created),
                "jobCreatedTime": iso(created),
                "runnerStartedTime": iso(started),
                "solvedTime": iso(started + RAN / 2),
                "resultStoredTime": iso(ended),
                "succeededTime": iso(ended),
            },
        )
        record = ResultRecord(
            namespace=NAMESPACE,
            name=name,
            uid=manifest["metadata"]["uid"],
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            rows=described.rows,
            metadata=described.metadata,
            received_time=ended,
            stored_time=ended,
        )
        with self.store.incoming() as incoming:
            incoming.write_bytes(content)
            self.store.commit(incoming, record)
        return manifest

    def add_failed(self, name: str, spec: Manifest, reason: str, message: str, **failure: str) -> Manifest:
        """Add a simulation whose run has failed."""
        created = datetime.now(UTC) - timedelta(minutes=4)
        started, ended = created + WAITED, created + WAITED + RAN
        return self.add(
            name,
            spec,
            phase="Failed",
            protocol=describe_protocol(parse_spec(spec)),
            conditions=conditions(ended, "False", reason, message),
            startTime=iso(created),
            completionTime=iso(ended),
            failure={"reason": reason, "message": message, **failure},
            timeline={
                "acceptedTime": iso(created),
                "jobCreatedTime": iso(created),
                "runnerStartedTime": iso(started),
            },
        )

    def add_sweep(
        self, name: str, spec: Spec, outcome: Outcome = solved, *, phase: str = "Succeeded", **status: Any
    ) -> Manifest:
        """Add a sweep. With a table, which is half of the points unless it has ended.

        outcome: what becomes of each point. status: in addition to what follows from the rows.
        """
        points = Points(parse_sweep(spec)).count
        stop = points if phase in ("Succeeded", "Failed") else points // 2
        parts = list(parts_of(spec, outcome, stop))
        rows = [row for _, more in parts for row in more]
        facts = status_of(spec, rows, points)
        return self._add_sweep(name, spec, [part for part, _ in parts], len(rows), phase, {**facts, **status})

    def add_large_sweep(self, name: str, points: int) -> Manifest:
        """Add a sweep of random points, every tenth of which has failed."""
        parts = [part for part, _ in large_parts(points)]
        failures = {"reasons": {"Infeasible": points // 10}, "examples": []}
        progress = {"points": points, "done": points, "failed": points // 10, "shards": 1, "shardsDone": 1}
        status = {"design": {"points": points}, "progress": progress, "failures": failures}
        return self._add_sweep(name, many(points), parts, points, "Succeeded", status)

    def add_point_result(self, name: str, point: int, file: Path) -> None:
        """Keep the whole result of a sweep's point."""
        uid = self.sweeps.manifests[name]["metadata"]["uid"]
        with self.sweep_store.incoming() as incoming:
            incoming.write_bytes(file.read_bytes())
            self.sweep_store.put_series(ResultKey(NAMESPACE, uid), point, incoming)

    def _add_sweep(
        self, name: str, spec: Spec, parts: list[bytes], rows: int, phase: str, facts: Manifest
    ) -> Manifest:
        number = next(self._numbers)
        uid = f"00000000-0000-4000-8000-{number:012d}"
        for at, content in enumerate(parts):
            with self.sweep_store.incoming() as file:
                file.write_bytes(content)
                self.sweep_store.add_part(ResultKey(NAMESPACE, uid), 0, at, file)
        ended = datetime.now(UTC)
        if rows:
            uri = f"http://bridge:8084{names.points_path(NAMESPACE, name)}"
            size = sum(map(len, parts))
            facts["results"] = {"uri": uri, "rows": rows, "parts": len(parts), "sizeBytes": size}
        if phase == "Succeeded":
            facts |= {
                "startTime": iso(ended - RAN),
                "completionTime": iso(ended),
                "conditions": conditions(ended, "True", "Finished"),
            }
        self.sweeps.add(name, uid, **{"phase": phase, **facts})
        manifest = self.sweeps.manifests[name]
        manifest["spec"] = spec
        manifest["metadata"] |= {
            "resourceVersion": str(number),
            "creationTimestamp": iso(ended - timedelta(minutes=4)),
        }
        return manifest


def conditions(ended: datetime, succeeded: str, reason: str, message: str = "") -> list[Manifest]:
    """Return those of a simulation that has ended."""
    facts = {"reason": reason, "message": message, "lastTransitionTime": iso(ended)}
    accepted = {**facts, "reason": "Valid", "message": ""}
    return [
        {"type": "Accepted", "status": "True", **accepted},
        {"type": "Succeeded", "status": succeeded, **facts},
        {"type": "Finished", "status": "True", **facts},
    ]


def example_spec(name: str) -> Manifest:
    """Return the spec of an example."""
    spec: Manifest = yaml.safe_load((ROOT / "examples" / f"{name}.yaml").read_text("utf-8"))["spec"]
    return spec


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    """Answer at `served.url`, from a thread of its own."""
    config = uvicorn.Config(
        create_app(served.bridge),
        host="127.0.0.1",
        port=0,
        log_level="warning",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the bridge did not start: see its log")
        thread.join(0.02)
    served.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join(10)
