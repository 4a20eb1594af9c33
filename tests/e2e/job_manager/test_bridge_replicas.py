"""Two replicas of the bridge with a bucket: they fall over while runs are waited for, and nothing is lost.

The runs wait for a node for over a minute, which is longer than the Job Manager waits for an answer.
"""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from devtools.kube import SYSTEM_NAMESPACE, Kube
from devtools.node_port import NodePort, bridge_at_node_port
from kubernetes.client.exceptions import ApiException

from tests.e2e.job_manager.db_service import running_db_service
from tests.e2e.job_manager.managers import Progress, working_job_managers
from tests.e2e.job_manager.messages import Wanted
from tests.e2e.job_manager.rabbitmq import running_rabbitmq
from tests.e2e.job_manager.simulations import NAME_PREFIX, NAMESPACE, delete_all, names_of_all, simulations
from tests.e2e.release import changed_release
from tests.e2e.runner_pods import noted_runner_pods
from tests.e2e.waiting import pods_of_component, until
from tests.unit.bridge.s3_server import BUCKET, KEYS, running_s3_server

CREDENTIALS = "s3-for-tests"
# No node has it until the test gives it to one.
NODE_LABEL = "batterysim.dev/tests-may-run"
LONG_SECONDS = 60
BUDGET_SECONDS = 50
# Two Job Managers, three at a time each.
AT_A_TIME = 6
RUNS = [Wanted("cell", current=1.0 + number / 10) for number in range(10)]
FORMS = [*RUNS, *RUNS, Wanted("cell", time=0.0, is_run=False, has_points=False)]


@pytest.fixture
def kube(kube: Kube) -> Iterator[Kube]:
    delete_all(kube)
    label_node(kube, None)
    yield kube
    label_node(kube, None)
    delete_all(kube)


@pytest.fixture
def bridge(kube: Kube, tmp_path: Path) -> Iterator[NodePort]:
    """Two replicas that share a bucket on this machine; no run finds a node."""
    directory = tmp_path / "s3"
    directory.mkdir()
    with (
        bridge_at_node_port(kube, "job-manager") as node_port,
        running_s3_server(directory, node_port.this_machine) as address,
        bucket_keys(kube),
    ):
        bucket = {"bucket": BUCKET, "endpoint": f"http://{address}", "allowHttp": True}
        values = {
            "bridge.replicas": 2,
            "bridge.store.type": "s3",
            "bridge.store.s3": {**bucket, "credentialsSecret": CREDENTIALS},
            "runner.nodeSelector": {NODE_LABEL: "yes"},
            # In Jobs, whose pods can be held back and counted; and Helm waits until shared runners are ready,
            # which would have no node.
            "sharedRunners": [],
        }
        with changed_release(values, tmp_path):
            yield node_port


@contextmanager
def bucket_keys(kube: Kube) -> Iterator[None]:
    """Give the release's namespace the keys of the bucket."""
    secret = {"metadata": {"name": CREDENTIALS}, "stringData": KEYS}
    with suppress(ApiException):  # of a run that was killed
        kube.core.delete_namespaced_secret(CREDENTIALS, SYSTEM_NAMESPACE)
    kube.core.create_namespaced_secret(SYSTEM_NAMESPACE, secret)
    try:
        yield
    finally:
        kube.core.delete_namespaced_secret(CREDENTIALS, SYSTEM_NAMESPACE)


def label_node(kube: Kube, value: str | None) -> None:
    node = kube.core.list_node().items[0].metadata.name
    kube.core.patch_node(node, {"metadata": {"labels": {NODE_LABEL: value}}})


def restart_bridge() -> None:
    rollout = ("kubectl", "-n", SYSTEM_NAMESPACE, "rollout")
    bridge = "deployment/batterysim-bridge"
    for command in ((*rollout, "restart", bridge), (*rollout, "status", bridge, "--timeout=90s")):
        subprocess.run(command, check=True, capture_output=True)


def kill_one_bridge(kube: Kube) -> None:
    first, _ = pods_of_component(kube, "bridge")
    kube.core.delete_namespaced_pod(first, SYSTEM_NAMESPACE, grace_period_seconds=0)
    until(lambda: first not in pods_of_component(kube, "bridge"))


async def test_no_simulation_is_lost_and_none_run_twice_when_bridges_fall_over(
    kube: Kube, bridge: NodePort, tmp_path: Path
) -> None:
    wanted = {f"message-{number}": form for number, form in enumerate(FORMS)}
    messages = [form.message(identifier) for identifier, form in wanted.items()]

    with running_rabbitmq(tmp_path) as amqp_url, noted_runner_pods(Kube(NAMESPACE), NAME_PREFIX) as pods:
        async with (
            running_db_service() as database,
            working_job_managers(2, amqp_url, bridge.url, database, messages) as progress,
        ):
            await asyncio.to_thread(until, lambda: len(names_of_all(kube)) >= AT_A_TIME)
            await asyncio.to_thread(kill_one_bridge, kube)
            await asyncio.to_thread(restart_bridge)
            await progress.until(lambda: waited_in_vain(progress) >= AT_A_TIME, 2 * LONG_SECONDS)
            label_node(kube, "yes")
            await progress.until(lambda: len(progress.acknowledged) == len(wanted), 3 * LONG_SECONDS)

    assert database.refused == []
    assert sorted(item.message_id for item in database.stored) == sorted(wanted)
    for message_id, record in database.stored:
        wanted[message_id].check(record)
    assert len(names_of_all(kube)) == len(RUNS)
    assert dict(pods.runs) == dict.fromkeys(names_of_all(kube), 1)
    assert max(map(seconds_taken, simulations(kube))) > LONG_SECONDS


def waited_in_vain(progress: Progress) -> int:
    """Return how many requests were told to come again after all the time that there is for one."""
    return sum(what == "503" and seconds >= BUDGET_SECONDS for what, seconds in progress.answers)


def seconds_taken(simulation: dict[str, Any]) -> float:
    created = datetime.fromisoformat(simulation["metadata"]["creationTimestamp"])
    ended = datetime.fromisoformat(simulation["status"]["completionTime"])
    return (ended - created).total_seconds()
