"""A container that a mesh adds to a pod, and that never ends, neither hides nor delays the end of a run."""

import subprocess
from collections.abc import Iterator

import pytest
from devtools.kube import Kube, Manifest, load_example
from kubernetes import client

from tests.e2e.admission.mutating_webhook import MutatingWebhook
from tests.e2e.admission.obstacles import POD, PODS, Obstacle, changed_by_webhook, remove_obstacle
from tests.e2e.waiting import until
from tests.namespaces import fresh_namespace

SIDECAR = Obstacle(changed_by_webhook("/sidecar", PODS), "", "", "", POD, '"name": "mesh"')
ENDED_WITHIN_SECONDS = 120  # a minute, and the grace period of the pod


@pytest.fixture(scope="module")
def lab(webhook: MutatingWebhook) -> Iterator[Kube]:
    """A namespace whose pods get a sidecar of the old kind."""
    lab = Kube("batterysim-e2e-sidecar")
    remove_obstacle(lab)
    with fresh_namespace(lab):
        SIDECAR.put(lab, webhook)
        until(lambda: SIDECAR.is_there(lab))
        try:
            yield lab
        finally:
            remove_obstacle(lab)


@pytest.fixture(scope="module")
def good(lab: Kube) -> Manifest:
    """Return a run that has succeeded."""
    return ended(lab, "good")


@pytest.fixture(scope="module")
def bad(lab: Kube, good: Manifest) -> Manifest:
    """Return a run that has failed for good, after the other."""
    assert good
    return ended(lab, "bad", initialStateOfCharge=0.0)


def ended(lab: Kube, name: str, **cell: float) -> Manifest:
    manifest = load_example("cell-discharge")
    manifest["metadata"]["name"] = name
    manifest["spec"]["model"] = {"family": "SPM"}
    manifest["spec"]["cell"] |= cell
    lab.create(manifest)
    return lab.wait_for_end(name)[name]


def containers_of(pods: list[client.V1Pod]) -> set[str]:
    return {container.name for pod in pods for container in pod.spec.containers}


def test_a_run_has_ended_when_its_own_container_has(lab: Kube, good: Manifest) -> None:
    assert good["status"]["phase"] == "Succeeded"
    assert containers_of(lab.pods_of(good)) == {"runner", "mesh"}


def test_a_sidecar_does_not_hide_the_failure(lab: Kube, bad: Manifest) -> None:
    assert containers_of(lab.pods_of(bad)) == {"runner", "mesh"}
    assert bad["status"]["failure"]["reason"] == "Infeasible"
    assert bad["status"]["attempt"] == 1


def test_kubectl_wait_ends_on_a_failure(lab: Kube, bad: Manifest) -> None:
    wait = ["kubectl", "wait", "bsim/bad", "--namespace", lab.namespace, "--timeout", "5s"]

    done = subprocess.run([*wait, "--for", "condition=Finished"], capture_output=True, check=False)
    succeeded = subprocess.run(
        [*wait, "--for", "condition=Succeeded=False"], capture_output=True, check=False
    )

    assert bad["status"]["phase"] == "Failed"
    assert (done.returncode, succeeded.returncode) == (0, 0)


def test_the_pods_of_ended_runs_are_stopped_within_a_minute(lab: Kube, good: Manifest, bad: Manifest) -> None:
    """They would hold their CPU and memory until the deadline of the run."""
    pods = [pod for run in (good, bad) for pod in lab.pods_of(run)]

    until(lambda: not any(is_at_work(lab, pod.metadata.name) for pod in pods), ENDED_WITHIN_SECONDS)

    assert lab.get("good")["status"]["phase"] == "Succeeded"
    assert lab.get("bad")["status"]["failure"]["reason"] == "Infeasible"


def is_at_work(lab: Kube, pod: str) -> bool:
    found = lab.core.list_namespaced_pod(lab.namespace, field_selector=f"metadata.name={pod}").items
    return any(item.status.phase in ("Pending", "Running") for item in found)
