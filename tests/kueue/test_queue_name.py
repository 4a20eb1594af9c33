"""`run.queueName` with a real Kueue, which admits, evicts and admits again. `make kueue` runs this.

The queue has room for one run at a time.
"""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from devtools.kube import Kube, Manifest, Results, forwarded_bridge
from kubernetes import watch
from kubernetes.client.exceptions import ApiException

from batterysim import names
from tests.e2e.sweeps import many_rates, progress, sweep, table_of
from tests.e2e.waiting import until
from tests.namespaces import fresh_namespace

GROUP, VERSION = "kueue.x-k8s.io", "v1beta2"
NAMESPACE = "batterysim-kueue"
CLUSTER_QUEUE = "batterysim-kueue"
QUEUE = "lab"
FLAVOR = "batterysim-kueue"
RUNS = 4
POINTS = 5000
ROWS_PER_PART = 500
LONG = {"experiment": {"steps": ["Discharge at 1C until 3 V", "Charge at 1C until 4 V"], "cycles": 40}}
SHORT = {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 60}}


@pytest.fixture(scope="module")
def kube() -> Iterator[Kube]:
    kube = Kube(NAMESPACE)
    with fresh_namespace(kube):
        remove_cluster_queue(kube)
        create(kube, "resourceflavors", "ResourceFlavor", FLAVOR, {})
        create(kube, "clusterqueues", "ClusterQueue", CLUSTER_QUEUE, room_for_one())
        queue = manifest("LocalQueue", QUEUE, {"clusterQueue": CLUSTER_QUEUE})
        kube.objects.create_namespaced_custom_object(GROUP, VERSION, NAMESPACE, "localqueues", queue)
        yield kube
    remove_cluster_queue(kube)


def manifest(kind: str, name: str, spec: Manifest) -> Manifest:
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": kind,
        "metadata": {"name": name},
        "spec": spec,
    }


def create(kube: Kube, plural: str, kind: str, name: str, spec: Manifest) -> None:
    kube.objects.create_cluster_custom_object(GROUP, VERSION, plural, manifest(kind, name, spec))


def room_for_one() -> Manifest:
    room = {"cpu": "300m", "memory": "1Gi", "ephemeral-storage": "1Gi"}
    quotas = [{"name": name, "nominalQuota": quota} for name, quota in room.items()]
    flavors = [{"name": FLAVOR, "resources": quotas}]
    return {
        "namespaceSelector": {},
        "resourceGroups": [{"coveredResources": [*room], "flavors": flavors}],
    }


def remove_cluster_queue(kube: Kube) -> None:
    for plural, name in (("clusterqueues", CLUSTER_QUEUE), ("resourceflavors", FLAVOR)):
        until(lambda plural=plural, name=name: is_gone(kube, plural, name), 60)


def is_gone(kube: Kube, plural: str, name: str) -> bool:
    try:
        kube.objects.delete_cluster_custom_object(GROUP, VERSION, plural, name)
    except ApiException as error:
        if error.status == 404:
            return True
        raise
    return False


def simulation(name: str, protocol: Manifest, queue: str = QUEUE) -> Manifest:
    requests = {"cpu": "200m", "memory": "256Mi"}
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"name": name},
        "spec": {
            "model": {"family": "SPM"},
            "cell": {"parameterSet": "Chen2020"},
            "protocol": protocol,
            "run": {"queueName": queue, "resources": {"requests": requests}},
        },
    }


def waits_for(kube: Kube, name: str) -> tuple[str, str]:
    """Return reason and message of a simulation that has not ended."""
    for condition in kube.get(name).get("status", {}).get("conditions", ()):
        if condition["type"] == "Succeeded":
            return condition["reason"], condition["message"]
    return "", ""


class Witness:
    """Counts the Jobs that are admitted at the same time."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube
        self._admitted: set[str] = set()
        self.most = 0
        self.seen: set[str] = set()

    def run(self) -> None:
        """Watch for ever."""
        for event in watch.Watch().stream(self._kube.batch.list_namespaced_job, NAMESPACE):
            self._see(event["object"])

    def _see(self, job: Any) -> None:
        ended = any(item.type in ("Complete", "Failed") for item in job.status.conditions or ())
        (self._admitted.discard if job.spec.suspend or ended else self._admitted.add)(job.metadata.name)
        self.seen.add(job.metadata.name)
        self.most = max(self.most, len(self._admitted))


def test_the_queue_admits_as_many_as_it_has_room_for(kube: Kube) -> None:
    witness = Witness(kube)
    threading.Thread(target=witness.run, daemon=True).start()
    wanted = [f"short-{number}" for number in range(RUNS)]
    for name in wanted:
        kube.create(simulation(name, SHORT))

    ended = kube.wait_for_end(*wanted, timeout_seconds=60 * RUNS)

    assert {item["status"]["phase"] for item in ended.values()} == {"Succeeded"}
    assert (witness.most, len(witness.seen)) == (1, RUNS)


def test_an_evicted_run_waits_and_begins_again(kube: Kube) -> None:
    kube.create(simulation("long", LONG))
    until(lambda: kube.get("long").get("status", {}).get("phase") == "Running", 60)

    stop(kube, "HoldAndDrain")
    until(lambda: waits_for(kube, "long")[0] == "Suspended", 60)
    assert f"queue {QUEUE!r}" in waits_for(kube, "long")[1]
    stop(kube, "None")
    ended = kube.wait_for_end("long", timeout_seconds=120)["long"]

    assert ended["status"]["phase"] == "Succeeded"
    (job,) = kube.jobs_of(ended)
    assert not job.status.failed


def test_an_evicted_sweep_goes_on_behind_the_parts_that_are_stored(kube: Kube) -> None:
    sweeps = Kube(NAMESPACE, names.SWEEP_PLURAL)
    requests = {"cpu": "200m", "memory": "256Mi"}
    queued = {"queueName": QUEUE, "parallelism": 1, "shards": 1, "resources": {"requests": requests}}
    created = sweeps.create(sweep("points", many_rates(POINTS), **queued))
    until(lambda: progress(sweeps, "points").get("done", 0) > 0, 60)

    stop(kube, "HoldAndDrain")
    until(lambda: sweeps.get("points")["status"]["phase"] == "Suspended", 60)
    until(lambda: not sweeps.pods_of(created), 60)
    with forwarded_bridge() as url:
        results = Results(url, kube.reader_token())
        solved, stored = progress(sweeps, "points")["done"], len(table_of(results, NAMESPACE, "points"))
        stop(kube, "None")
        ended = sweeps.wait_for_end("points", timeout_seconds=300)["points"]
        table = table_of(results, NAMESPACE, "points")

    print(f"evicted with {solved} of {POINTS} points solved, {stored} of them stored")
    assert max(1, solved - ROWS_PER_PART) <= stored < POINTS
    assert ended["status"]["phase"] == "Succeeded"
    assert list(table.point) == list(range(POINTS))
    (job,) = sweeps.jobs_of(ended)
    assert not job.status.failed


def stop(kube: Kube, policy: str) -> None:
    kube.objects.patch_cluster_custom_object(
        GROUP, VERSION, "clusterqueues", CLUSTER_QUEUE, {"spec": {"stopPolicy": policy}}
    )


def test_a_queue_that_does_not_exist_is_named(kube: Kube) -> None:
    kube.create(simulation("nowhere", SHORT, queue="nowhere"))

    until(lambda: waits_for(kube, "nowhere")[0] == "Suspended", 60)

    assert "queue 'nowhere'" in waits_for(kube, "nowhere")[1]
    kube.delete("nowhere")
