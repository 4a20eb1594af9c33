"""A release for some namespaces: one that is deleted stops no other, and is served again when it is back.

`make faults-namespaces` leaves it away for longer than any back-off lasts; FAULTS_AWAY_SECONDS says how long.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from devtools.kube import SYSTEM_NAMESPACE, Kube, Manifest
from kubernetes import client

from tests.namespaces import remove_namespace

from .release import changed_release
from .waiting import pods_of_component

AWAY_SECONDS = float(os.environ.get("FAULTS_AWAY_SECONDS", "20"))
NAMES = ("batterysim-e2e-a", "batterysim-e2e-b", "batterysim-e2e-c")
SHARED = "batterysim-shared"


@pytest.fixture
def labs() -> Iterator[list[Kube]]:
    found = [Kube(name) for name in NAMES]
    for lab in found:
        remove_namespace(lab)
        lab.core.create_namespace({"metadata": {"name": lab.namespace}})
    yield found
    for lab in found:
        remove_namespace(lab)


def seconds_to_success(lab: Kube, manifest: Manifest, within: int = 60) -> float:
    """Run a simulation; return how long it takes from its creation to its result."""
    began, name = time.monotonic(), manifest["metadata"]["name"]
    lab.create(manifest)
    status = lab.wait_for_end(name, timeout_seconds=within)[name]["status"]
    assert status["phase"] == "Succeeded", status
    return time.monotonic() - began


def create_again(lab: Kube, bindings: list[client.V1RoleBinding]) -> None:
    """Create a namespace with the release's RoleBindings, as `helm upgrade` would."""
    lab.core.create_namespace({"metadata": {"name": lab.namespace}})
    for binding in bindings:
        binding.metadata = client.V1ObjectMeta(name=binding.metadata.name, labels=binding.metadata.labels)
        lab.rbac.create_namespaced_role_binding(lab.namespace, binding)


def warning_of(manifest: Manifest, namespace: str) -> str:
    """Return what kubectl prints on standard error about a simulation that it would create."""
    done = subprocess.run(
        ["kubectl", "create", "--dry-run=server", "--namespace", namespace, "--filename", "-"],
        input=json.dumps(manifest),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def restarts(kube: Kube) -> int:
    pods = kube.core.list_namespaced_pod(SYSTEM_NAMESPACE, label_selector="app.kubernetes.io/name=batterysim")
    return sum(status.restart_count for pod in pods.items for status in pod.status.container_statuses or ())


def test_a_watched_namespace_that_is_deleted_stops_no_other_and_is_served_when_it_is_back(
    labs: list[Kube], simulation: Callable[..., Any], tmp_path: Path
) -> None:
    a, b, c = labs
    spm = {"model__family": "SPM"}
    with changed_release({"watchNamespaces": [*NAMES, SHARED]}, tmp_path):
        for lab in labs:
            seconds_to_success(lab, simulation(**spm))
        assert "is not served by release" in warning_of(simulation(**spm), namespace="default")
        assert warning_of(simulation(**spm), namespace=a.namespace) == ""
        bindings = b.rbac.list_namespaced_role_binding(b.namespace).items
        assert bindings
        before = restarts(a)

        remove_namespace(b)
        gone = time.monotonic()
        # A bridge that starts now has never seen the namespace.
        (bridge,) = pods_of_component(a, "bridge")
        a.core.delete_namespaced_pod(bridge, SYSTEM_NAMESPACE)
        durations = [seconds_to_success(lab, simulation(**spm)) for lab in (a, c)]
        while time.monotonic() - gone < AWAY_SECONDS:
            durations += [seconds_to_success(lab, simulation(**spm)) for lab in (a, c)]
        create_again(b, bindings)
        back = seconds_to_success(b, simulation(**spm))

        print(f"others: {max(durations):.0f} s at most, {len(durations)} runs; back: {back:.0f} s")
        assert restarts(a) == before
