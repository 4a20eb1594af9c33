"""A thousand hostile inputs, and two hundred hostile connections, and what others notice of them.

`make hostile` runs it. HOSTILE_INPUTS says how many inputs, HOSTILE_SEED which; HOSTILE_SECONDS how long the
connections go on. tests/e2e/test_hostile.py runs a small selection, without bounds on time.
"""

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
import requests
from devtools.kube import Kube, load_example
from devtools.node_port import NodePort, bridge_at_node_port
from kubernetes.client.exceptions import ApiException

from tests.e2e.users import make_user, token_of
from tests.e2e.waiting import pods_of_component

from .campaign import ROADS, Campaign, Outcome
from .inputs import inputs
from .witness import Witness, percentile, restarts, tracebacks

INPUTS = int(os.environ.get("HOSTILE_INPUTS", "1000"))
SEED = int(os.environ.get("HOSTILE_SEED", "1"))
SECONDS = float(os.environ.get("HOSTILE_SECONDS", "60"))
CONNECTIONS = 200
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


@pytest.fixture
def witness(bridge: NodePort, neighbour: Kube) -> Witness:
    (pod,) = pods_of_component(neighbour, "bridge")
    return Witness(bridge.url, pod)


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


def test_hostile_inputs_are_judged_and_nobody_else_notices(
    attacker: Kube, neighbour: Kube, bridge: NodePort, witness: Witness
) -> None:
    began, before = time.monotonic(), restarts(neighbour)
    alone = [run_seconds(neighbour, number) for number in range(5)]
    campaign = Campaign(attacker, bridge.url, token_of(attacker, USER))

    with witness.watching():
        thread = threading.Thread(target=campaign.run, args=(inputs(SEED, INPUTS),))
        thread.start()
        during = []
        while thread.is_alive():
            during.append(run_seconds(neighbour, len(during)))
        thread.join()

    report(campaign.outcomes)
    health = witness.health_seconds
    print(f"/healthz: {len(health)} times, p99 {percentile(health, 0.99):.3f} s, longest {max(health):.3f} s")
    print(f"bridge: {max(witness.memory_megabytes):.0f} MB at most")
    slower = statistics.median(during) / statistics.median(alone)
    print(
        f"another tenant's run: {statistics.median(alone):.1f} s alone, times {slower:.2f} in {len(during)}"
    )
    assert len(campaign.outcomes) == INPUTS
    assert [item for item in campaign.outcomes if item.status in (0, 500)] == []
    assert [item for item in campaign.outcomes if "Traceback" in item.text] == []
    assert [item[:4] for item in campaign.outcomes if item.seconds > ANSWER_SECONDS] == []
    assert witness.failures == []
    assert max(health) < HEALTH_SECONDS
    assert slower <= SLOWER
    assert restarts(neighbour) == before
    assert tracebacks(neighbour, int(time.monotonic() - began) + 1) == []


def test_hostile_connections_take_little_memory_and_no_time_of_others(
    neighbour: Kube, bridge: NodePort, witness: Witness
) -> None:
    before = restarts(neighbour)
    headers = {"Authorization": f"Bearer {token_of(neighbour, USER)}"}
    session = requests.Session()

    def ask() -> float:
        began = time.monotonic()
        answer = session.get(
            f"{bridge.url}/v1/simulations?namespace={NEIGHBOUR}", headers=headers, timeout=30
        )
        answer.raise_for_status()
        return time.monotonic() - began

    ask()
    alone = [ask() for _ in range(300)]
    # In a process of its own, or it would hold up who measures as well.
    command = (sys.executable, "-m", "tests.hostile.connections", *map(str, (*bridge, CONNECTIONS, SECONDS)))
    with witness.watching(), subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as attack:
        during = []
        while attack.poll() is None:
            during.append(ask())
            time.sleep(0.05)
        opened, _ = attack.communicate()

    print(f"{CONNECTIONS} connections at once, {opened.strip()} in all in {SECONDS:g} s")
    print(f"bridge: {max(witness.memory_megabytes):.0f} MB at most")
    p95_alone, p95_during = 1000 * percentile(alone, 0.95), 1000 * percentile(during, 0.95)
    print(f"others' requests: p95 {p95_alone:.0f} ms alone, {p95_during:.0f} ms in {len(during)} during it")
    assert max(witness.memory_megabytes) <= BRIDGE_MEGABYTES
    assert witness.failures == []
    assert restarts(neighbour) == before
    assert p95_during <= 2 * p95_alone
