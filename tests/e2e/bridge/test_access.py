"""Who may do what."""

import base64
import hashlib

import requests
from devtools.kube import Kube, Results

from batterysim.names import TOKEN_AUDIENCE, result_path


def test_a_result_needs_a_token(kube: Kube, results: Results):
    answer = requests.get(results.url + result_path(kube.namespace, "any"), timeout=10)

    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_token_is_good_for_its_own_namespace_only(results: Results):
    assert results.get("default", "cell-discharge").status_code == 403


def test_only_the_pod_of_a_simulation_may_store_its_result(kube: Kube, results: Results, simulation):
    manifest = simulation()
    name = manifest["metadata"]["name"]
    kube.create(manifest)
    before = kube.wait_for_end(name)[name]["status"]["results"]
    content = b"PAR1 not mine"
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()

    answer = results.session.put(
        results.url + result_path(kube.namespace, name),
        data=content,
        headers={
            "Content-Type": "application/vnd.apache.parquet",
            "Content-Digest": f"sha-256=:{digest}:",
        },
        timeout=10,
    )

    assert answer.status_code in (401, 403)
    assert kube.get(name)["status"]["results"] == before


def test_runner_pods_have_no_rights_and_no_token_for_the_api(kube: Kube, simulation):
    manifest = simulation(run__isolation="Job")
    name = manifest["metadata"]["name"]
    kube.create(manifest)
    (pod,) = kube.pods_of(kube.wait_for_end(name)[name])

    sources = [
        source for volume in pod.spec.volumes if volume.projected for source in volume.projected.sources
    ]
    audiences = [source.service_account_token.audience for source in sources if source.service_account_token]

    assert audiences == [TOKEN_AUDIENCE]
    assert pod.spec.automount_service_account_token is False
    assert "token" not in str([container.env for container in pod.spec.containers]).lower()
