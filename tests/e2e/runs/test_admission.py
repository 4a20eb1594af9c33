"""What keeps a run from starting is told within seconds, in the words of whoever keeps it, and may pass."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from devtools.kube import Kube, Manifest
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from tests.e2e.waiting import until
from tests.namespaces import remove_namespace

NAMESPACE = "batterysim-e2e-admission"
TOLD_WITHIN_SECONDS = 20
PAGE = Path(__file__).parents[3] / "docs" / "waiting.md"


@pytest.fixture(scope="module")
def lab() -> Iterator[Kube]:
    """A namespace whose rules are changed at will."""
    lab = Kube(NAMESPACE)
    remove_namespace(lab)
    lab.core.create_namespace({"metadata": {"name": NAMESPACE}})
    yield lab
    lab.core.delete_namespace(NAMESPACE)


@contextmanager
def quota(lab: Kube, what: str) -> Iterator[None]:
    lab.core.create_namespaced_resource_quota(
        NAMESPACE, {"metadata": {"name": "none"}, "spec": {"hard": {what: "0"}}}
    )
    # The API server counts from its own copy of the quota.
    until(lambda: lab.core.read_namespaced_resource_quota("none", NAMESPACE).status.hard, 10)
    try:
        yield
    finally:
        lab.core.delete_namespaced_resource_quota("none", NAMESPACE)


@contextmanager
def small_limits(lab: Kube) -> Iterator[None]:
    limit = {"type": "Container", "max": {"cpu": "100m", "memory": "64Mi"}}
    lab.core.create_namespaced_limit_range(
        NAMESPACE, {"metadata": {"name": "small"}, "spec": {"limits": [limit]}}
    )
    try:
        yield
    finally:
        lab.core.delete_namespaced_limit_range("small", NAMESPACE)


HERE = {"matchLabels": {"kubernetes.io/metadata.name": NAMESPACE}}
JOBS = {"apiGroups": ["batch"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["jobs"]}


@contextmanager
def policy(_lab: Kube, reason: str) -> Iterator[None]:
    """A rule that no Job of ours can keep."""
    api, name = client.AdmissionregistrationV1Api(), f"batterysim-e2e-{reason.lower()}"
    remove(api.delete_validating_admission_policy, name)
    remove(api.delete_validating_admission_policy_binding, name)
    rule = {
        "expression": "has(object.metadata.labels) && 'team' in object.metadata.labels",
        "message": "every Job here needs the label 'team'",
        "reason": reason,
    }
    constraints = {"namespaceSelector": HERE, "resourceRules": [JOBS]}
    api.create_validating_admission_policy(
        {"metadata": {"name": name}, "spec": {"matchConstraints": constraints, "validations": [rule]}}
    )
    api.create_validating_admission_policy_binding(
        {"metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}}
    )
    time.sleep(2)  # until the API server knows it
    try:
        yield
    finally:
        remove(api.delete_validating_admission_policy_binding, name)
        remove(api.delete_validating_admission_policy, name)
        time.sleep(2)


@contextmanager
def webhook_that_is_down(_lab: Kube) -> Iterator[None]:
    api, name = client.AdmissionregistrationV1Api(), "batterysim-e2e-down"
    remove(api.delete_validating_webhook_configuration, name)
    webhook = {
        "name": "down.batterysim-e2e.example.org",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": 1,
        "namespaceSelector": HERE,
        "rules": [JOBS],
        "clientConfig": {"service": {"namespace": NAMESPACE, "name": "nobody"}},
    }
    api.create_validating_webhook_configuration({"metadata": {"name": name}, "webhooks": [webhook]})
    time.sleep(2)
    try:
        yield
    finally:
        remove(api.delete_validating_webhook_configuration, name)
        time.sleep(2)


@contextmanager
def nothing(_lab: Kube) -> Iterator[None]:
    yield


def remove(delete: Callable[[str], Any], name: str) -> None:
    with suppress(ApiException):
        delete(name)


class Obstacle(NamedTuple):
    """What keeps a run from starting, and what is said about it."""

    put: Callable[[Kube], Any]
    reason: str
    said: str
    run: dict[str, Any] = {}  # noqa: RUF012 - never changed


OBSTACLES = {
    "quota on Jobs": Obstacle(
        lambda lab: quota(lab, "count/jobs.batch"), "JobNotAdmitted", "exceeded quota: none"
    ),
    "quota on pods": Obstacle(lambda lab: quota(lab, "pods"), "PodNotAdmitted", "exceeded quota: none"),
    "LimitRange": Obstacle(small_limits, "PodNotAdmitted", "must be less than or equal to cpu limit of 100m"),
    "policy that forbids": Obstacle(
        lambda lab: policy(lab, "Forbidden"), "JobNotAdmitted", "needs the label 'team'"
    ),
    "policy that finds it invalid": Obstacle(
        lambda lab: policy(lab, "Invalid"), "JobNotAdmitted", "needs the label 'team'"
    ),
    "webhook that is down": Obstacle(webhook_that_is_down, "JobNotAdmitted", "failed calling webhook"),
    "no room on any node": Obstacle(
        nothing, "Unschedulable", "Insufficient cpu", {"resources": {"requests": {"cpu": "64"}}}
    ),
}


def waiting_for(lab: Kube, name: str) -> Manifest:
    """Return the condition that says how the run is."""
    conditions = lab.get(name).get("status", {}).get("conditions", [])
    return next((item for item in conditions if item["type"] == "Succeeded"), {"reason": "", "message": ""})


def events_of(lab: Kube, name: str) -> set[str]:
    found = lab.core.list_namespaced_event(NAMESPACE, field_selector=f"involvedObject.name={name}")
    return {event.reason for event in found.items}


@pytest.mark.parametrize("kind", OBSTACLES)
def test_what_keeps_a_run_from_starting_is_told(lab: Kube, simulation: Any, kind: str) -> None:
    obstacle = OBSTACLES[kind]
    manifest = simulation(model__family="SPM", run=obstacle.run)
    name = manifest["metadata"]["name"]
    with ExitStack() as stack:
        stack.enter_context(obstacle.put(lab))
        lab.create(manifest)

        until(lambda: waiting_for(lab, name)["reason"] == obstacle.reason, TOLD_WITHIN_SECONDS)

        assert obstacle.said in waiting_for(lab, name)["message"]
        # The operator writes its status first, and the event after it.
        until(lambda: obstacle.reason in events_of(lab, name), TOLD_WITHIN_SECONDS)
    if not obstacle.run:
        ended = lab.wait_for_end(name, timeout_seconds=120)[name]
        assert ended["status"]["phase"] == "Succeeded"
    lab.delete(name)


@pytest.mark.parametrize("kind", ["quota on Jobs", "quota on pods", "no room on any node"])
def test_a_run_that_could_not_begin_ends_at_its_deadline_with_the_cause(
    lab: Kube, simulation: Any, kind: str
) -> None:
    obstacle = OBSTACLES[kind]
    manifest = simulation(model__family="SPM", run={**obstacle.run, "deadlineSeconds": 15})
    name = manifest["metadata"]["name"]
    with ExitStack() as stack:
        stack.enter_context(obstacle.put(lab))
        lab.create(manifest)

        ended = lab.wait_for_end(name, timeout_seconds=90)[name]

    failure = ended["status"]["failure"]
    assert failure["reason"] == "DeadlineExceeded"
    assert obstacle.said in failure["message"]
    assert "raise it" not in failure["message"]
    lab.delete(name)


def test_a_suspended_job_is_called_so_and_goes_on(lab: Kube, simulation: Any) -> None:
    manifest = simulation(model__family="SPM")
    name = manifest["metadata"]["name"]
    with quota(lab, "pods"):  # so that its pod does not run before it is suspended
        created = lab.create(manifest)
        until(lambda: lab.jobs_of(created), 20)
        job = lab.jobs_of(created)[0].metadata.name
        lab.batch.patch_namespaced_job(job, NAMESPACE, {"spec": {"suspend": True}})

        until(lambda: waiting_for(lab, name)["reason"] == "Suspended", TOLD_WITHIN_SECONDS)

    lab.batch.patch_namespaced_job(job, NAMESPACE, {"spec": {"suspend": False}})
    ended = lab.wait_for_end(name, timeout_seconds=120)[name]
    assert ended["status"]["phase"] == "Succeeded"
    lab.delete(name)


def test_a_deadline_can_be_cut_while_a_run_waits(lab: Kube, simulation: Any) -> None:
    manifest = simulation(model__family="SPM", run={"resources": {"requests": {"cpu": "64"}}})
    name = manifest["metadata"]["name"]
    lab.create(manifest)
    until(lambda: waiting_for(lab, name)["reason"] == "Unschedulable", TOLD_WITHIN_SECONDS)

    lab.patch(name, {"spec": {"run": {"deadlineSeconds": 10}}})

    ended = lab.wait_for_end(name, timeout_seconds=60)[name]
    assert ended["status"]["failure"]["reason"] == "DeadlineExceeded"
    lab.delete(name)


@pytest.mark.parametrize("kind", OBSTACLES)
def test_the_page_has_each_kind(kind: str) -> None:
    assert f"| {kind} | `{OBSTACLES[kind].reason}` |" in PAGE.read_text(encoding="utf-8")
