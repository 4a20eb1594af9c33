"""The points are also POSTed to a Job Manager that wants them, and not again to one that has no such path."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from devtools.kube import Kube, Manifest
from devtools.node_port import NodePort, bridge_at_node_port

from tests.e2e.job_manager.simulations import NAMESPACE, delete_all, simulations
from tests.e2e.receiver import Receiver
from tests.e2e.release import changed_release
from tests.e2e.waiting import until

FORM = {"simulationType": "cell", "time": 1.0, "upperVoltage": 4.2, "lowerVoltage": 2.5, "nominalCell": 5.0}


@pytest.fixture(scope="module")
def receiver(kube: Kube) -> Iterator[Receiver]:
    receiver = Receiver(kube, refusals=1)
    yield receiver
    receiver.remove()


@pytest.fixture
def bridge(receiver: Receiver, tmp_path: Path) -> Iterator[NodePort]:
    default = Kube(NAMESPACE)
    delete_all(default)
    values = {"bridge.jobManager.postBackUrl": receiver.url}
    with changed_release(values, tmp_path), bridge_at_node_port(default, "job-manager") as node_port:
        yield node_port
    delete_all(default)


def simulate(bridge: NodePort, path: str, **changes: Any) -> dict[str, Any]:
    answer = requests.post(bridge.url + path, json={**FORM, "controlCurrent": 5.0, **changes}, timeout=60)
    answer.raise_for_status()
    content: dict[str, Any] = answer.json()
    return content


def test_the_points_are_posted_back_under_the_requests_id(bridge: NodePort, receiver: Receiver) -> None:
    cell = simulate(bridge, "/cell/simulate", id="42")
    drive_cycle = simulate(bridge, "/drivecycle/simulate", id="43")

    until(lambda: all(is_delivered(item) for item in simulations(Kube(NAMESPACE))), 60)

    assert set(cell) == set(drive_cycle) == {"jobStarted", "simulationType", "simulationResults"}
    (cell_post,) = taken(receiver, "/simulateCell")
    (drive_cycle_post,) = taken(receiver, "/simulateDriveCycle")
    assert cell_post == {"id": "42", "result": cell["simulationResults"]}
    assert drive_cycle_post == {"id": "43", "result": drive_cycle["simulationResults"]}


def test_a_job_manager_without_such_a_path_is_not_asked_again(
    kube: Kube, receiver: Receiver, simulation: Callable[..., Manifest]
) -> None:
    path = "/absent/simulateCell"
    manifest = simulation(callback={"url": receiver.url + path, "format": "jobManager"})
    name = manifest["metadata"]["name"]
    kube.create(manifest)

    until(lambda: delivery(kube.get(name)).get("status") == "False", 60)

    assert delivery(kube.get(name))["reason"] == "GivenUp"
    assert [post["status"] for post in receiver.posts(path)] == [404]


def taken(receiver: Receiver, path: str) -> list[Any]:
    return [json.loads(post["body"]) for post in receiver.posts(path) if post["status"] == 204]


def is_delivered(manifest: Manifest) -> bool:
    return delivery(manifest).get("status") == "True"


def delivery(manifest: Manifest) -> dict[str, Any]:
    conditions = manifest.get("status", {}).get("conditions", ())
    return next((item for item in conditions if item["type"] == "CallbackDelivered"), {})
