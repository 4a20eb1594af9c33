"""Children, pods, bridge and operator are killed while a sweep runs: each point is in the table once.

`make faults-sweeps` kills at random: FAULTS_POINTS says how many points there are, FAULTS_SEED which random
numbers. What is solved again shows as a fall of `status.progress.done`: a pod begins with what is stored.
"""

import os
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pandas as pd
from devtools.kube import SYSTEM_NAMESPACE, Kube, Manifest, Results, forwarded_bridge
from kubernetes.client.exceptions import ApiException

from batterysim import names
from tests.e2e.sweeps import many_rates, progress, sweep, table_of
from tests.e2e.waiting import pods_of_component, until
from tests.faults.meanwhile import meanwhile
from tests.namespaces import fresh_namespace

POINTS = int(os.environ.get("FAULTS_POINTS", "20000"))
SEED = int(os.environ.get("FAULTS_SEED", "1"))
PAUSES_SECONDS = (4.0, 12.0)
LONGEST_SECONDS = 3600
ROWS_PER_PART = 500
SHARDS_AT_ONCE = 2

KILL_CHILD = """
import os
parents = {}
for name in filter(str.isdecimal, os.listdir("/proc")):
    try:
        if b"batterysim_runner.sweep.shard" in open(f"/proc/{name}/cmdline", "rb").read():
            parents[int(name)] = int(open(f"/proc/{name}/stat").read().rpartition(")")[2].split()[1])
    except OSError:
        pass
os.kill(max(child for child, parent in parents.items() if parent in parents), 9)
"""
"""The children of a shard's process solve, under its name."""


class Course(NamedTuple):
    """How a sweep went. fall: the largest fall of the number of points that had ended."""

    sweep: Manifest
    table: pd.DataFrame
    fall: int
    killed: Counter[str]


class Killer:
    """Kills what a sweep needs, each without a word."""

    def __init__(self, sweeps: Kube, created: Manifest) -> None:
        self._sweeps = sweeps
        self._created = created
        self.killed = Counter[str]()

    def kill(self, what: str) -> bool:
        """Kill a child, a pod, the bridge or the operator; tell whether there was one."""
        try:
            done = {"child": self._child, "pod": self._pod}.get(what, lambda: self._component(what))()
        except ApiException:
            return False
        self.killed[what] += done
        return done

    def _running(self) -> list[str]:
        pods = self._sweeps.pods_of(self._created)
        return [
            pod.metadata.name
            for pod in pods
            if pod.status.phase == "Running" and pod.metadata.deletion_timestamp is None
        ]

    def _child(self) -> bool:
        for pod in self._running():
            command = ["kubectl", "-n", self._sweeps.namespace, "exec", pod, "--", "python", "-c", KILL_CHILD]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                return True
        return False

    def _pod(self) -> bool:
        return any(self._delete(self._sweeps.namespace, pod) for pod in self._running())

    def _component(self, component: str) -> bool:
        return any(self._delete(SYSTEM_NAMESPACE, pod) for pod in pods_of_component(self._sweeps, component))

    def _delete(self, namespace: str, pod: str) -> bool:
        self._sweeps.core.delete_namespaced_pod(pod, namespace, grace_period_seconds=0)
        return True


@contextmanager
def falls_of(sweeps: Kube, name: str) -> Iterator[list[int]]:
    """Gather by how many points a sweep falls back, at each fall, until the end of the block."""
    found: list[int] = [0]

    def look(over: threading.Event) -> None:
        last = 0
        while not over.wait(0.3):
            try:
                done = int(progress(sweeps, name).get("done", last))
            except ApiException:
                continue
            found.append(max(0, last - done))
            last = done

    with meanwhile(look):
        yield found


def run_with_kills(kube: Kube, manifest: Manifest, kills: Callable[[Killer, Kube], None]) -> Course:
    """Run a sweep in a fresh namespace, and kill meanwhile."""
    with fresh_namespace(kube):
        sweeps = Kube(kube.namespace, names.SWEEP_PLURAL)
        name = manifest["metadata"]["name"]
        killer = Killer(sweeps, sweeps.create(manifest))
        with falls_of(sweeps, name) as falls:
            kills(killer, sweeps)
            ended = sweeps.wait_for_end(name, timeout_seconds=LONGEST_SECONDS)[name]
        until(lambda: bool(pods_of_component(sweeps, "bridge")))
        command = ["kubectl", "-n", SYSTEM_NAMESPACE, "rollout", "status", "deployment/batterysim-bridge"]
        subprocess.run([*command, "--timeout=5m"], check=True, capture_output=True)
        with forwarded_bridge() as url:
            table = table_of(Results(url, sweeps.reader_token()), sweeps.namespace, name)
    return Course(ended, table, max(falls), killer.killed)


def check(course: Course, points: int, shards_at_once: int) -> None:
    """Each point is there once and solved, and of no shard more than a part was solved again at a time."""
    assert course.sweep["status"]["phase"] == "Succeeded", course.sweep["status"]
    assert list(course.table.point) == list(range(points))
    assert set(course.table.status) == {"Succeeded"}
    assert course.sweep["status"]["results"]["rows"] == points
    assert course.fall <= shards_at_once * ROWS_PER_PART


def test_each_point_is_in_the_table_once_whatever_is_killed() -> None:
    shards, dice = max(1, POINTS // 2500), random.Random(SEED)

    def kill_at_random(killer: Killer, sweeps: Kube) -> None:
        deadline = time.monotonic() + LONGEST_SECONDS
        while sweeps.get("killed").get("status", {}).get("phase") not in ("Succeeded", "Failed"):
            assert time.monotonic() < deadline, "it takes too long"
            time.sleep(dice.uniform(*PAUSES_SECONDS))
            killer.kill(dice.choice(("child", "pod", "pod", "bridge", "operator")))

    manifest = sweep("killed", many_rates(POINTS), shards=shards, parallelism=SHARDS_AT_ONCE, retries=20)
    began = time.monotonic()
    course = run_with_kills(Kube("batterysim-faults-sweeps"), manifest, kill_at_random)

    print(
        f"{POINTS} points in {shards} shards in {time.monotonic() - began:.0f} s, killed: "
        f"{dict(course.killed)}, largest fall: {course.fall} points"
    )
    check(course, POINTS, SHARDS_AT_ONCE)
