"""A node that is lost: its pod cannot be ended there, and the run starts elsewhere all the same."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from devtools.kube import Kube, Manifest
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from ..waiting import until

NODE = "batterysim-e2e-lost"
GIVEN_UP_WITHIN_SECONDS = 150
"""The pod's own grace of 30 s, a minute, and the time of a slow machine."""


@pytest.fixture
def lost_node(kube: Kube) -> Iterator[str]:
    """A node on which there is no kubelet, and to which the scheduler gives nothing."""
    taint = client.V1Taint(key="batterysim-e2e", effect="NoSchedule")
    node = client.V1Node(metadata=client.V1ObjectMeta(name=NODE), spec=client.V1NodeSpec(taints=[taint]))
    with suppress(ApiException):
        kube.core.delete_node(NODE)
    kube.core.create_node(node)
    yield NODE
    kube.core.delete_node(NODE)


def run_on(kube: Kube, pod: client.V1Pod, node: str) -> None:
    """Have a pod run on a node, as far as the API server knows."""
    name, namespace = pod.metadata.name, kube.namespace
    binding = client.V1Binding(
        metadata=client.V1ObjectMeta(name=name), target=client.V1ObjectReference(kind="Node", name=node)
    )
    kube.core.create_namespaced_pod_binding(name, namespace, binding, _preload_content=False)
    kube.core.patch_namespaced_pod_status(name, namespace, {"status": {"phase": "Running"}})


def reason_of(kube: Kube, name: str) -> str:
    conditions: list[Manifest] = kube.get(name).get("status", {}).get("conditions", [])
    return next((item["reason"] for item in conditions if item["type"] == "Succeeded"), "")


def test_the_run_of_a_lost_node_starts_elsewhere(kube: Kube, simulation, lost_node: str) -> None:
    # No other node has room for it, so that the test decides where it runs.
    manifest = simulation(run={"resources": {"requests": {"cpu": "64"}}})
    name = manifest["metadata"]["name"]
    created = kube.create(manifest)
    until(lambda: reason_of(kube, name) == "Unschedulable")
    (first,) = kube.pods_of(created)
    run_on(kube, first, lost_node)
    until(lambda: reason_of(kube, name) == "Running")

    kube.core.delete_namespaced_pod(first.metadata.name, kube.namespace)

    until(lambda: reason_of(kube, name) == "PodEnding")
    until(lambda: first.metadata.uid not in uids(kube, created), GIVEN_UP_WITHIN_SECONDS)
    until(lambda: len(uids(kube, created)) == 1)
    (job,) = kube.jobs_of(created)
    assert not job.status.failed  # it costs none of the retries
    kube.delete(name)


def uids(kube: Kube, simulation: Manifest) -> set[str]:
    return {pod.metadata.uid for pod in kube.pods_of(simulation)}
