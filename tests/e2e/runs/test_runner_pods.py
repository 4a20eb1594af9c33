"""The values' labels, annotations and priority on the pods of runners."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from devtools.kube import Kube
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from batterysim import names
from tests.e2e.release import changed_release

PRIORITY_CLASS = "batterysim-e2e-night"


@pytest.fixture
def priority_class() -> Iterator[str]:
    """A PriorityClass of the administrator's."""
    scheduling = client.SchedulingV1Api()
    remove_priority_class(scheduling)
    scheduling.create_priority_class({"metadata": {"name": PRIORITY_CLASS}, "value": -5})
    yield PRIORITY_CLASS
    scheduling.delete_priority_class(PRIORITY_CLASS)


def remove_priority_class(scheduling: client.SchedulingV1Api) -> None:
    """Remove what a run that was killed has left."""
    try:
        scheduling.delete_priority_class(PRIORITY_CLASS)
    except ApiException as error:
        if error.status != 404:
            raise


def test_labels_annotations_and_the_priority_class_of_the_values_reach_the_pods_of_runners(
    kube: Kube, simulation, priority_class: str, tmp_path: Path
):
    values = {
        "runner.priorityClassName": priority_class,
        "runner.copiedPrefixes": ["example.com/"],
        "runner.extraEnv": [{"name": "TZ", "value": "Europe/Berlin"}],
        "runner.podTemplate": {
            "metadata": {
                "labels": {"cost-centre": "cells", names.LABEL_COMPONENT: "other"},
                "annotations": {"example.org/owner": "lab"},
            },
            "spec": {"hostAliases": [{"ip": "192.0.2.7", "hostnames": ["licences.example.org"]}]},
        },
    }
    manifest = simulation()
    manifest["metadata"]["labels"] = {"example.com/project": "ageing", "other": "x"}
    name = manifest["metadata"]["name"]

    with changed_release(values, tmp_path):
        kube.create(manifest)
        ended = kube.wait_for_end(name)[name]

    assert ended["status"]["phase"] == "Succeeded", ended["status"]
    (pod,) = kube.pods_of(ended)
    assert pod.metadata.labels["cost-centre"] == "cells"
    assert pod.metadata.labels["example.com/project"] == "ageing"
    assert "other" not in pod.metadata.labels
    assert {item.name: item.value for item in pod.spec.containers[0].env}["TZ"] == "Europe/Berlin"
    assert pod.metadata.labels[names.LABEL_COMPONENT] == names.RUNNER_COMPONENT
    assert pod.metadata.annotations["example.org/owner"] == "lab"
    assert pod.spec.priority_class_name == priority_class
    assert pod.spec.priority == -5
    assert pod.spec.host_aliases[0].hostnames == ["licences.example.org"]
    assert pod.spec.containers[0].security_context.read_only_root_filesystem
