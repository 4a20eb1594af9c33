"""A limit for Jobs: no more than that many run, namespaces take turns, and deleted ones leave the queue.

QUEUE_RUNS is the number of simulations; `make faults` runs this file with 300.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from devtools.kube import Kube, Manifest, has_ended
from kubernetes import watch

from batterysim import names
from tests.e2e.release import changed_release
from tests.e2e.waiting import until
from tests.namespaces import remove_namespace

RESOURCE = (names.GROUP, names.VERSION, names.PLURAL)
RUNS = int(os.environ.get("QUEUE_RUNS", "12"))
LIMIT = 4
OTHER_NAMESPACE = "batterysim-e2e-other"
SECONDS_FOR_ONE = 5


class Witness:
    """Sees each change of each simulation that does not exist yet, in the order in which they are stored."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube
        existing = kube.objects.list_cluster_custom_object(*RESOURCE)
        self._since = existing["metadata"]["resourceVersion"]
        self._others = {item["metadata"]["uid"] for item in existing["items"]}
        self.started: list[tuple[str, str]] = []
        self.most_active = 0
        self.ended: set[tuple[str, str]] = set()
        self._active: set[tuple[str, str]] = set()

    def run(self) -> None:
        """Watch for ever."""
        events = watch.Watch().stream(
            self._kube.objects.list_cluster_custom_object, *RESOURCE, resource_version=self._since
        )
        for event in events:
            metadata = event["object"]["metadata"]
            is_new = metadata["uid"] not in self._others
            if is_new and metadata["namespace"] in (self._kube.namespace, OTHER_NAMESPACE):
                self._see((metadata["namespace"], metadata["name"]), event["type"], event["object"])

    def _see(self, key: tuple[str, str], kind: str, simulation: Manifest) -> None:
        is_active = kind != "DELETED" and "jobName" in simulation.get("status", {})
        if is_active and key not in self.started:
            self.started.append(key)
        if has_ended(simulation):
            self.ended.add(key)
        if is_active and not has_ended(simulation):
            self._active.add(key)
        else:
            self._active.discard(key)
        self.most_active = max(self.most_active, len(self._active))


@pytest.fixture
def other(kube: Kube) -> Iterator[Kube]:
    other = Kube(OTHER_NAMESPACE)
    remove_namespace(other)
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    other.core.create_namespace({"metadata": {"name": OTHER_NAMESPACE, "labels": labels}})
    yield other
    other.core.delete_namespace(OTHER_NAMESPACE)


@pytest.fixture
def limited(kube: Kube, other: Kube, tmp_path: Path) -> Iterator[Witness]:
    witness = Witness(kube)
    with changed_release({"operator.queue.maxConcurrent": LIMIT}, tmp_path):
        threading.Thread(target=witness.run, daemon=True).start()
        yield witness
        for namespace in (kube, other):
            namespace.objects.delete_collection_namespaced_custom_object(
                *RESOURCE[:2], namespace.namespace, RESOURCE[2]
            )


def test_no_more_than_the_limit_run_and_namespaces_take_turns(
    kube: Kube, other: Kube, limited: Witness, simulation: Callable[..., Manifest]
) -> None:
    first = [create(kube, simulation) for _ in range(RUNS // 2)]
    second = [create(other, simulation) for _ in range(RUNS - RUNS // 2)]
    deleted = first.pop()
    kube.delete(deleted)

    wanted = {(kube.namespace, name) for name in first} | {(other.namespace, name) for name in second}
    until(lambda: wanted <= limited.ended, 60 + SECONDS_FOR_ONE * RUNS)

    assert limited.most_active == LIMIT
    assert (kube.namespace, deleted) not in limited.started
    assert sorted(limited.started) == sorted(wanted)  # each of them once
    # The first ones had begun before the other namespace asked; from then on they take turns.
    turns = [namespace for namespace, _ in limited.started[LIMIT:]]
    both_wait = turns[: 2 * (len(first) - LIMIT)]
    counts = Counter(both_wait)
    assert abs(counts[kube.namespace] - counts[other.namespace]) <= LIMIT


def create(namespace: Kube, simulation: Callable[..., Manifest]) -> str:
    changes: dict[str, Any] = {"model": {"family": "SPM"}}
    manifest = simulation(protocol__constantCurrent__durationSeconds=60, **changes)
    namespace.create(manifest)
    name: str = manifest["metadata"]["name"]
    return name
