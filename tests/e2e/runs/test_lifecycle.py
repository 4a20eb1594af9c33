"""Nothing is lost and nothing is done twice."""

import subprocess
import time

import pytest
from devtools.kube import SYSTEM_NAMESPACE, Kube, Results
from kubernetes.client.exceptions import ApiException

from tests.e2e.waiting import pods_of_component, until


def test_ten_at_once_all_succeed_with_one_job_each_although_the_operator_is_killed(
    kube: Kube, results: Results, simulation
):
    manifests = [simulation(protocol__constantCurrent__currentAmperes=4 + n / 10) for n in range(10)]
    names = [manifest["metadata"]["name"] for manifest in manifests]
    for manifest in manifests[:5]:
        kube.create(manifest)
    (victim,) = pods_of_component(kube, "operator")
    kube.core.delete_namespaced_pod(victim, SYSTEM_NAMESPACE, grace_period_seconds=0)
    for manifest in manifests[5:]:
        kube.create(manifest)

    ended = kube.wait_for_end(*names)

    assert victim not in pods_of_component(kube, "operator")
    for name in names:
        status = ended[name]["status"]
        assert status["phase"] == "Succeeded", status
        (job,) = kube.jobs_of(ended[name])
        assert job.metadata.name == status["jobName"]
        assert len(kube.pods_of(ended[name])) == 1
        assert results.get(kube.namespace, name).status_code == 200


def test_deleting_a_simulation_removes_its_job_pods_and_result(kube: Kube, results: Results, simulation):
    manifest = simulation()
    name = manifest["metadata"]["name"]
    kube.create(manifest)
    ended = kube.wait_for_end(name)[name]
    assert results.get(kube.namespace, name).status_code == 200

    kube.delete(name)

    until(lambda: not kube.jobs_of(ended) and not kube.pods_of(ended))
    until(lambda: not stored(kube, ended["metadata"]["uid"]))
    assert results.get(kube.namespace, name).status_code == 404


def test_a_result_that_is_stored_outlives_its_job(kube: Kube, results: Results, simulation):
    manifest = simulation()
    name = manifest["metadata"]["name"]
    kube.create(manifest)
    ended = kube.wait_for_end(name)[name]

    kube.batch.delete_namespaced_job(
        ended["status"]["jobName"], kube.namespace, propagation_policy="Foreground"
    )
    until(lambda: not kube.jobs_of(ended))

    time.sleep(1)
    assert kube.get(name)["status"]["phase"] == "Succeeded"
    assert kube.jobs_of(ended) == []
    assert results.get(kube.namespace, name).status_code == 200


def test_a_run_whose_pod_is_deleted_is_tried_again(kube: Kube, simulation):
    manifest = simulation("us06-drive-cycle", solver__relativeTolerance=1e-8, protocol__driveCycle__repeat=10)
    name = manifest["metadata"]["name"]
    created = kube.create(manifest)
    until(lambda: kube.get(name).get("status", {}).get("phase") == "Running")
    (pod,) = kube.pods_of(created)

    kube.core.delete_namespaced_pod(pod.metadata.name, kube.namespace)

    ended = kube.wait_for_end(name)[name]
    assert ended["status"]["phase"] == "Succeeded", ended["status"]
    assert ended["status"]["provenance"]["podName"] != pod.metadata.name
    assert len(kube.jobs_of(ended)) == 1


def test_the_physics_cannot_change_once_the_run_has_started(kube: Kube, simulation):
    manifest = simulation()
    name = manifest["metadata"]["name"]
    kube.create(manifest)
    kube.wait_for_end(name)

    with pytest.raises(ApiException, match="cannot change once the run has started: create another"):
        kube.patch(name, {"spec": {"protocol": {"constantCurrent": {"currentAmperes": 1}}}})

    kube.patch(name, {"spec": {"run": {"ttlSecondsAfterFinished": 60}}})
    until(lambda: kube.get(name)["status"]["observedGeneration"] == 2)
    assert kube.get(name)["status"]["phase"] == "Succeeded"
    assert len(kube.jobs_of(kube.get(name))) == 1


def test_an_ended_simulation_goes_after_its_lifetime_with_job_and_result(kube: Kube, simulation):
    """A time counts as over after two minutes in which it was, in rounds of a minute."""
    manifest = simulation(
        run={"ttlSecondsAfterFinished": 60, "retention": {"simulationSeconds": 60}}, model__family="SPM"
    )
    name = manifest["metadata"]["name"]
    kept = simulation(model__family="SPM")
    kube.create(manifest)
    kube.create(kept)
    ended = kube.wait_for_end(name, kept["metadata"]["name"])[name]
    assert ended["status"]["phase"] == "Succeeded", ended["status"]

    until(lambda: not kube.pods_of(ended), 120)
    until(lambda: not kube.exists(name), 360)

    until(lambda: not stored(kube, ended["metadata"]["uid"]))
    assert kube.exists(kept["metadata"]["name"])


def stored(kube: Kube, uid: str) -> bool:
    """Tell whether the bridge's volume has anything of a simulation."""
    command = ["kubectl", "-n", SYSTEM_NAMESPACE, "exec", "deploy/batterysim-bridge", "--"]
    find = ["find", "/var/lib/batterysim", "-path", f"*{uid}*"]
    return bool(subprocess.run([*command, *find], check=True, capture_output=True).stdout.strip())
