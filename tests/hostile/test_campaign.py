"""A thousand hostile inputs, and two hundred hostile connections, and what others notice of them.

`make hostile` runs it. HOSTILE_INPUTS says how many inputs, HOSTILE_SEED which; HOSTILE_SECONDS how long the
connections go on. tests/e2e/test_hostile.py runs a small selection, without bounds on time.
"""

import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager

import pytest
from devtools.kube import Kube, load_example
from devtools.node_port import NodePort, bridge_at_node_port
from kubernetes.client.exceptions import ApiException

from tests.e2e.users import make_user, token_of
from tests.e2e.waiting import pods_of_component

from .campaign import NICE, ROADS, Outcome, attack
from .onlooker import Seen, looking_on
from .witness import percentile, resident_megabytes, restarts, tracebacks

INPUTS = int(os.environ.get("HOSTILE_INPUTS", "1000"))
SEED = int(os.environ.get("HOSTILE_SEED", "1"))
SECONDS = float(os.environ.get("HOSTILE_SECONDS", "60"))
CONNECTIONS = 200
REQUESTS = 400
ATTACKER, NEIGHBOUR = "batterysim-hostile", "batterysim-neighbour"
ANSWER_SECONDS = 5.0
HEALTH_SECONDS = 0.5
SLOWER = 1.5
BRIDGE_MEGABYTES = 200.0
USER = "submitter"


def namespace(name: str) -> Iterator[Kube]:
    kube = Kube(name)
    try:
        kube.core.create_namespace({"metadata": {"name": name}})
    except ApiException as error:
        if error.status != 409:
            raise
    make_user(kube, USER, "batterysim-editor")
    yield kube
    kube.core.delete_namespace(name)


@pytest.fixture(scope="module")
def attacker() -> Iterator[Kube]:
    yield from namespace(ATTACKER)


@pytest.fixture(scope="module")
def neighbour() -> Iterator[Kube]:
    yield from namespace(NEIGHBOUR)


@pytest.fixture(scope="module")
def bridge(neighbour: Kube) -> Iterator[NodePort]:
    with bridge_at_node_port(neighbour) as node_port:
        yield node_port


def run_seconds(kube: Kube, number: int) -> float:
    """Return how long a simulation takes, from kubectl's point of view."""
    manifest = load_example("cell-discharge")
    manifest["metadata"] = {"name": f"neighbour-{SEED}-{time.monotonic_ns()}-{number}"}
    began = time.monotonic()
    name = kube.create(manifest)["metadata"]["name"]
    assert kube.wait_for_end(name)[name]["status"]["phase"] == "Succeeded"
    seconds = time.monotonic() - began
    kube.delete(name)
    return seconds


def report(outcomes: list[Outcome]) -> None:
    for road in ROADS:
        taken = [item for item in outcomes if item.road == road]
        seconds = [item.seconds for item in taken]
        counts = {
            status: sum(item.status == status for item in taken) for status in {i.status for i in taken}
        }
        slowest = max(taken, key=lambda item: item.seconds)
        print(
            f"{road}: {len(taken)} inputs, answers {dict(sorted(counts.items()))}, "
            f"median {statistics.median(seconds):.3f} s, p99 {percentile(seconds, 0.99):.2f} s, "
            f"longest {slowest.seconds:.2f} s ({slowest.kind})"
        )


def looking_on_at(bridge: NodePort, neighbour: Kube) -> AbstractContextManager[Seen]:
    path = f"/v1/simulations?namespace={NEIGHBOUR}"
    return looking_on(bridge.url, path, token_of(neighbour, USER))


def describe(when: str, seen: Seen) -> None:
    """Print what was seen, with what the machine itself was late by."""
    for what, seconds in (("/healthz", seen.health), ("lists", seen.answers), ("own pauses late", seen.late)):
        print(
            f"{when}: {what}: {len(seconds)} times, median {1000 * statistics.median(seconds):.0f} ms, "
            f"p95 {1000 * percentile(seconds, 0.95):.0f} ms, longest {1000 * max(seconds):.0f} ms"
        )
    load = os.getloadavg()[0]
    print(f"{when}: processors {seen.busy:.0%} busy, {seen.stolen:.1%} stolen, load {load:.1f}")


def most_megabytes(neighbour: Kube) -> float:
    """Return the most memory that the bridge has had since it was started."""
    (pod,) = pods_of_component(neighbour, "bridge")
    megabytes = resident_megabytes(pod, "VmHWM")
    print(f"bridge: {megabytes:.0f} MB at most")
    return megabytes


def test_hostile_inputs_are_judged_and_nobody_else_notices(
    attacker: Kube, neighbour: Kube, bridge: NodePort
) -> None:
    began, before = time.monotonic(), restarts(neighbour)
    with looking_on_at(bridge, neighbour) as calm:
        alone = [run_seconds(neighbour, number) for number in range(5)]

    with (
        looking_on_at(bridge, neighbour) as seen,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as processes,
    ):
        token = token_of(attacker, USER)
        campaign = processes.submit(attack, ATTACKER, bridge.url, token, SEED, INPUTS)
        during = []
        while not campaign.done():
            during.append(run_seconds(neighbour, len(during)))
        outcomes = campaign.result()

    report(outcomes)
    describe("alone", calm)
    describe("during the inputs", seen)
    slower = statistics.median(during) / statistics.median(alone)
    print(
        f"another tenant's run: {statistics.median(alone):.1f} s alone, times {slower:.2f} in {len(during)}"
    )
    assert len(outcomes) == INPUTS
    assert [item for item in outcomes if item.status in (0, 500)] == []
    assert [item for item in outcomes if "Traceback" in item.text] == []
    assert [item[:4] for item in outcomes if item.seconds > ANSWER_SECONDS] == []
    assert seen.failures == []
    assert restarts(neighbour) == before
    assert tracebacks(neighbour, int(time.monotonic() - began) + 1) == []
    assert most_megabytes(neighbour) <= BRIDGE_MEGABYTES
    assert slower <= SLOWER
    assert max(seen.health) < HEALTH_SECONDS


def test_hostile_connections_take_little_memory_and_no_time_of_others(
    neighbour: Kube, bridge: NodePort
) -> None:
    before = restarts(neighbour)
    with looking_on_at(bridge, neighbour) as alone:
        time.sleep(SECONDS / 2)
    # In a process of its own that gives way: an attacker's own processor is not one of the cluster's.
    python = ("nice", "-n", str(NICE), sys.executable, "-m", "tests.hostile.connections")
    with looking_on_at(bridge, neighbour) as during:
        command = (*python, *map(str, (*bridge, CONNECTIONS, SECONDS)))
        opened = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout

    print(f"{CONNECTIONS} connections at once, {opened.strip()} in all in {SECONDS:g} s")
    describe("alone", alone)
    describe("during the connections", during)
    p95_alone, p95_during = percentile(alone.answers, 0.95), percentile(during.answers, 0.95)
    assert during.failures == []
    assert restarts(neighbour) == before
    assert most_megabytes(neighbour) <= BRIDGE_MEGABYTES
    assert max(during.health) < HEALTH_SECONDS
    assert p95_during <= 2 * p95_alone


def test_a_users_requests_by_the_hundred_leave_the_api_server_to_others(
    attacker: Kube, neighbour: Kube, bridge: NodePort
) -> None:
    """Each of them is five questions to the API server, and each of those was a connection of its own."""
    before = restarts(neighbour)
    with looking_on_at(bridge, neighbour) as during:
        arguments = (bridge.url, token_of(attacker, USER), str(REQUESTS), str(min(SECONDS, 20.0)))
        command = ("nice", "-n", str(NICE), sys.executable, "-m", "tests.hostile.many_requests", *arguments)
        answers = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout

    print(f"{REQUESTS} requests at once, answers {answers.strip()}")
    describe("during the requests", during)
    assert during.failures == []
    assert restarts(neighbour) == before
    assert most_megabytes(neighbour) <= BRIDGE_MEGABYTES
    assert max(during.health) < HEALTH_SECONDS
