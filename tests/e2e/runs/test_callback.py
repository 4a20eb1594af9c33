"""Whoever asked for a result gets it, whatever falls over in between."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime

import pytest
from devtools.kube import SYSTEM_NAMESPACE, Kube, Results
from standardwebhooks import Webhook

from tests.e2e.receiver import Receiver
from tests.e2e.waiting import pods_of_component, until

SECRET = "whsec_" + base64.b64encode(b"a secret for this test alone").decode()


@pytest.fixture(scope="module")
def receiver(kube: Kube) -> Iterator[Receiver]:
    receiver = Receiver(kube, refusals=1)
    yield receiver
    receiver.remove()


def test_a_refused_callback_is_delivered_after_a_restart_with_the_same_id(
    kube: Kube, results: Results, simulation, receiver
):
    callback = {"url": f"{receiver.url}/simulateCell", "format": "jobManager", "id": "job-42"}
    manifest = simulation(callback=callback)
    name = manifest["metadata"]["name"]
    kube.create(manifest)
    until(lambda: kube.get(name).get("status", {}).get("callback", {}).get("attempts", 0) >= 1, 60)
    (victim,) = pods_of_component(kube, "operator")
    kube.core.delete_namespaced_pod(victim, SYSTEM_NAMESPACE, grace_period_seconds=0)

    until(lambda: "deliveredTime" in kube.get(name)["status"]["callback"], 60)

    refused, taken = receiver.posts("/simulateCell")
    assert (refused["status"], taken["status"]) == (503, 204)
    assert refused["headers"]["webhook-id"] == taken["headers"]["webhook-id"]
    body = json.loads(taken["body"])
    assert body == results.get(kube.namespace, name, "jobManager").json()
    assert body["id"] == "job-42"
    status = kube.get(name)["status"]["callback"]
    assert status["attempts"] == 2
    assert "nextAttemptTime" not in status


def test_a_v1_callback_is_signed(kube: Kube, simulation, receiver):
    kube.core.create_namespaced_secret(
        kube.namespace,
        {
            "metadata": {"name": "webhook", "labels": {"batterysim.dev/callback-secret": "true"}},
            "stringData": {"key": SECRET},
        },
    )
    kube.rbac.create_namespaced_role_binding(
        kube.namespace,
        {
            "metadata": {"name": "operator-reads-callback-secrets"},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "batterysim-callback-secrets",
            },
            "subjects": [
                {"kind": "ServiceAccount", "name": "batterysim-operator", "namespace": SYSTEM_NAMESPACE}
            ],
        },
    )
    manifest = simulation(callback={"url": f"{receiver.url}/v1", "secretRef": {"name": "webhook"}})
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    until(lambda: "deliveredTime" in kube.get(name).get("status", {}).get("callback", {}), 60)

    post = receiver.posts("/v1")[-1]
    document = Webhook(SECRET).verify(post["body"], post["headers"])
    assert document["kind"] == "SimulationResult"
    assert document["metadata"]["name"] == name
    assert document["summary"]["endReason"] == "LowerCutOff"
    assert SECRET not in json.dumps(kube.get(name))


def test_a_failed_run_is_told_in_the_v1_format(kube: Kube, simulation, receiver):
    manifest = simulation(callback={"url": f"{receiver.url}/failed"}, cell__initialStateOfCharge=0.0)
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    until(lambda: "deliveredTime" in kube.get(name).get("status", {}).get("callback", {}), 60)

    document = json.loads(receiver.posts("/failed")[-1]["body"])
    assert document["failure"]["reason"] == "Infeasible"


def test_what_is_secret_in_a_url_is_neither_in_the_status_nor_in_events_or_logs(
    kube: Kube, simulation, receiver
):
    url = f"{receiver.url}/absent?token=e2e-secret-token".replace("http://", "http://user:e2e-password@")
    manifest = simulation(callback={"url": url})
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    until(lambda: "lastError" in kube.get(name).get("status", {}).get("callback", {}), 60)

    status = kube.get(name)["status"]
    (operator,) = pods_of_component(kube, "operator")
    events = kube.core.list_namespaced_event(kube.namespace, field_selector=f"involvedObject.name={name}")
    log = kube.core.read_namespaced_pod_log(operator, SYSTEM_NAMESPACE)
    assert "answered 404" in status["callback"]["lastError"]
    assert name in log
    for said in (json.dumps(status), log, *(event.message for event in events.items)):
        assert "e2e-password" not in said
        assert "e2e-secret-token" not in said


def test_a_receiver_says_when_it_is_asked_again(kube: Kube, simulation, receiver):
    manifest = simulation(callback={"url": f"{receiver.url}/later"})
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    until(lambda: "lastError" in kube.get(name).get("status", {}).get("callback", {}), 60)

    callback = kube.get(name)["status"]["callback"]
    first, following = (
        datetime.fromisoformat(callback[key]) for key in ("firstAttemptTime", "nextAttemptTime")
    )
    assert "answered 429" in callback["lastError"]
    assert (following - first).total_seconds() >= 120


@pytest.mark.parametrize("host", ["10.97.0.1", "kubernetes.default.svc", "[::1]", "169.254.169.254"])
def test_a_private_address_that_is_not_allowed_is_never_called(kube: Kube, simulation, host):
    manifest = simulation(callback={"url": f"http://{host}:8080/"})
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    until(lambda: "lastError" in kube.get(name).get("status", {}).get("callback", {}), 60)

    status = kube.get(name)["status"]
    assert status["phase"] == "Succeeded"
    assert "is a private address" in status["callback"]["lastError"]
    assert "operator.callbacks.allowedPrivateUrls" in status["callback"]["lastError"]
