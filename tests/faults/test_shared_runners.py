"""Many shared simulations, while operator, bridge and runners are killed at random.

`make faults` runs it; FAULTS_RUNS says how many simulations, FAULTS_SEED which random numbers. Every change
of every object is watched: the claim of an attempt is written before it is handed out, so an attempt that ran
twice would show two claims.
"""

import os
import random
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any

import pytest
from devtools.kube import SYSTEM_NAMESPACE, Kube, Manifest
from kubernetes import watch
from kubernetes.client.exceptions import ApiException

from batterysim import names
from tests.faults.meanwhile import meanwhile

NAMESPACE = "batterysim-shared"
RUNS = int(os.environ.get("FAULTS_RUNS", "1000"))
SEED = int(os.environ.get("FAULTS_SEED", "1"))
UNDER_WAY = 24
PAUSES_SECONDS = (3.0, 9.0)
"""A bridge that is killed within 15 s of its start does not yet see that a runner is lost (decision 070)."""
LONGEST_SECONDS = 3600
TARGETS = (
    (SYSTEM_NAMESPACE, "operator", "batterysim_operator"),
    (SYSTEM_NAMESPACE, "bridge", "batterysim_bridge"),
    (NAMESPACE, "shared-runner", "batterysim_runner.host"),
)
"""Namespace, component, and the module that its process runs."""
ENDED = ("Succeeded", "Failed", "Invalid")


class Witness:
    """Watches every change, and keeps what matters."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube
        self.claims: dict[tuple[str, int], set[str]] = defaultdict(set)
        self.ends: dict[str, list[str]] = defaultdict(list)
        self.results: dict[str, set[str]] = defaultdict(set)
        self.gaps = 0

    def run(self) -> None:
        """Watch for ever."""
        version: str | None = None
        while True:
            try:
                if version is None:
                    version = self._list()
                version = self._follow(version)
            except ApiException as error:
                if error.status == 410:
                    self.gaps += 1
                    version = None
            except Exception:
                time.sleep(0.2)

    def _list(self) -> str:
        found = self._kube.objects.list_namespaced_custom_object(
            names.GROUP, names.VERSION, NAMESPACE, names.PLURAL
        )
        for item in found["items"]:
            self.note(item)
        return str(found["metadata"]["resourceVersion"])

    def _follow(self, version: str) -> str:
        events = watch.Watch().stream(
            self._kube.objects.list_namespaced_custom_object,
            names.GROUP,
            names.VERSION,
            NAMESPACE,
            names.PLURAL,
            resource_version=version,
            timeout_seconds=60,
        )
        for event in events:
            version = event["object"]["metadata"]["resourceVersion"]
            if event["type"] != "DELETED":
                self.note(event["object"])
        return version

    def note(self, item: Manifest) -> None:
        """Take a state of an object in."""
        uid, status = item["metadata"]["uid"], item.get("status", {})
        if (claim := status.get("claim")) is not None:
            self.claims[uid, claim["attempt"]].add(claim["credentialSha256"])
        phase = status.get("phase")
        if phase in ENDED and self.ends[uid][-1:] != [phase]:
            self.ends[uid].append(phase)
        if (stored := status.get("results")) is not None:
            self.results[uid].add(stored["sha256"])


@pytest.fixture
def kube() -> Kube:
    return Kube(NAMESPACE)


def simulation(number: int) -> Manifest:
    """Return a short simulation that differs from all others."""
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"name": f"fault-{SEED}-{number}", "labels": {"campaign": "faults"}},
        "spec": {
            "model": {"family": "SPM"},
            "cell": {"parameterSet": "Chen2020"},
            "protocol": {"constantCurrent": {"currentAmperes": 1 + number / 1000, "durationSeconds": 600}},
            "run": {"isolation": "Process", "retries": 20},
        },
    }


def kill_process(kube: Kube, module: str) -> bool:
    """Kill a process without a word, and tell whether that was possible: the nodes of kind are containers."""
    node = kube.core.list_node().items[0].metadata.name
    command = ["docker", "exec", node, "pkill", "-9", "-f", f"^python -m {module}$"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def faults(kube: Kube) -> Iterator[dict[str, int]]:
    """Kill each of the three in turn, again and again, until the end of the block; count them."""
    dice, killed = random.Random(SEED), defaultdict(int)

    def kill(over: threading.Event) -> None:
        for namespace, component, module in cycle(TARGETS):
            if over.wait(dice.uniform(*PAUSES_SECONDS)):
                return
            if dice.random() < 0.5 and kill_process(kube, module):
                killed[f"{component} process"] += 1
                continue
            selector = f"app.kubernetes.io/name=batterysim,app.kubernetes.io/component={component}"
            try:
                pods = kube.core.list_namespaced_pod(namespace, label_selector=selector).items
                if pods:
                    victim = dice.choice(pods).metadata.name
                    kube.core.delete_namespaced_pod(victim, namespace, grace_period_seconds=0)
                    killed[f"{component} pod"] += 1
            except ApiException:
                continue

    with meanwhile(kill):
        yield killed


def create(kube: Kube, witness: Witness, count: int) -> dict[str, str]:
    """Create simulations, so that some are always under way; return the names by UID."""
    created: dict[str, str] = {}
    deadline = time.monotonic() + LONGEST_SECONDS
    for number in range(count):
        while sum(not witness.ends[uid] for uid in created) >= UNDER_WAY:
            assert time.monotonic() < deadline, "it takes too long"
            time.sleep(0.05)
        made = kube.create(simulation(number))
        created[made["metadata"]["uid"]] = made["metadata"]["name"]
    while missing := [uid for uid in created if not witness.ends[uid]]:
        assert time.monotonic() < deadline, f"not ended: {[created[uid] for uid in missing][:10]}"
        time.sleep(0.2)
    return created


def delete_all(kube: Kube) -> None:
    kube.objects.delete_collection_namespaced_custom_object(
        names.GROUP, names.VERSION, NAMESPACE, names.PLURAL, label_selector="campaign=faults"
    )


def test_none_is_lost_none_is_run_twice_and_none_ends_twice(kube: Kube) -> None:
    delete_all(kube)
    witness = Witness(kube)
    threading.Thread(target=witness.run, daemon=True).start()
    began = time.monotonic()
    with faults(kube) as killed:
        created = create(kube, witness, RUNS)
    seconds = time.monotonic() - began

    attempts: Any = [number for uid, number in witness.claims if uid in created]
    print(f"{RUNS} simulations in {seconds:.0f} s, {len(attempts)} attempts, killed: {dict(killed)}")
    assert {name.rpartition(" ")[0] for name in killed} == {component for _, component, _ in TARGETS}
    assert witness.gaps == 0, "the watch has missed something"
    ends = {uid: witness.ends[uid] for uid in created}
    assert {uid: end for uid, end in ends.items() if end != ["Succeeded"]} == {}
    assert {key: seen for key, seen in witness.claims.items() if len(seen) != 1} == {}
    assert {uid: seen for uid, seen in witness.results.items() if len(seen) != 1} == {}
    assert set(witness.results) >= set(created)
    delete_all(kube)
