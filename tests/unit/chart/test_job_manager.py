"""The chart and examples/job-manager/ fit together, and give the Job Manager the addresses that it knows."""

import json
import re
from pathlib import Path

import pytest
import yaml

EXAMPLE = Path(__file__).parents[3] / "examples" / "job-manager"
NAME = "battery-simulation-service"
SERVED = {"enabled": True, "namespace": "battery-runs"}


def services(manifests):
    return {item["metadata"]["name"]: item for item in manifests if item and item["kind"] == "Service"}


@pytest.fixture
def example():
    kustomization = yaml.safe_load((EXAMPLE / "kustomization.yaml").read_text())
    return [
        manifest
        for file in kustomization["resources"]
        for manifest in yaml.safe_load_all((EXAMPLE / file).read_text())
    ]


def test_the_address_of_the_original_service_is_there_when_it_is_asked_for(render):
    manifests = render(bridge={"jobManager": SERVED})

    own, bridge = services(manifests)[NAME], services(manifests)["batterysim-bridge"]
    assert own["spec"]["ports"] == [{"name": "http", "port": 8084, "targetPort": "job-manager"}]
    assert own["spec"]["selector"] == bridge["spec"]["selector"]


def test_it_is_not_there_by_default(render):
    assert NAME not in services(render())


def test_the_example_has_the_addresses_that_the_services_know(example):
    ports = {name: item["spec"]["ports"][0]["port"] for name, item in services(example).items()}

    assert ports[NAME] == 8084
    assert ports["database"] == 8082
    assert ports["job-manager-service"] == 8083


def test_the_examples_address_leads_to_the_release(render, example):
    release = services(render(bridge={"jobManager": SERVED}))[NAME]

    host = services(example)[NAME]["spec"]["externalName"]

    assert host == f"{NAME}.{release['metadata']['namespace']}.svc.cluster.local"


def test_each_service_has_its_pods(example):
    pods = [item["spec"]["template"] for item in example if item["kind"] in ("Deployment", "StatefulSet")]
    labels = [pod["metadata"]["labels"] for pod in pods]

    selectors = [
        item["spec"]["selector"] for item in services(example).values() if "selector" in item["spec"]
    ]

    assert sorted(selectors, key=str) == sorted(labels, key=str)


def test_every_placeholder_of_an_image_is_said_to_be_changed(example):
    kustomization = yaml.safe_load((EXAMPLE / "kustomization.yaml").read_text())
    images = {
        container["image"]
        for item in example
        if item["kind"] in ("Deployment", "StatefulSet")
        for container in item["spec"]["template"]["spec"]["containers"]
    }

    placeholders = {image for image in images if image.startswith("YOUR-")}

    assert placeholders == {image["name"] for image in kustomization["images"]}


def test_a_namespace_that_nobody_else_uses_has_to_be_named(refusal):
    assert "bridge.jobManager.namespace" in refusal(bridge={"jobManager": {"enabled": True}})


def test_these_paths_have_a_port_of_their_own_that_only_named_clients_reach(render):
    clients = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "simulation"}}}]
    policy = {"enabled": True, "jobManagerClients": clients}
    manifests = render(networkPolicy=policy, bridge={"jobManager": SERVED})

    (found,) = [
        item
        for item in manifests
        if item["kind"] == "NetworkPolicy" and item["metadata"]["name"] == "batterysim-bridge"
    ]
    assert found["spec"]["ingress"] == [
        {"ports": [{"port": "http"}]},
        {"ports": [{"port": "job-manager"}], "from": clients},
    ]


def test_the_readmes_network_policy_lets_the_job_managers_namespace_in(render):
    text = (EXAMPLE / "README.md").read_text()
    (clients,) = re.findall(r"jobManagerClients=(\[.*?\])'", text, re.DOTALL)

    manifests = render(
        networkPolicy={"enabled": True, "jobManagerClients": json.loads(clients)},
        bridge={"jobManager": SERVED},
    )

    (policy,) = [
        item
        for item in manifests
        if item["kind"] == "NetworkPolicy" and item["metadata"]["name"] == "batterysim-bridge"
    ]
    (expression,) = policy["spec"]["ingress"][1]["from"][0]["namespaceSelector"]["matchExpressions"]
    assert "simulation" in expression["values"]


def test_the_values_on_the_page_can_be_installed(render):
    page = Path(__file__).parents[3] / "docs" / "job-manager.md"
    (values,) = re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)

    assert NAME in services(render(**yaml.safe_load(values)))
