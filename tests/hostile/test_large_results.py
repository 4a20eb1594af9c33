"""Results as large as they can be sent: operator and bridge pass them on in the memory that they have."""

import base64
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests
from devtools.kube import SYSTEM_NAMESPACE, Kube, load_example
from devtools.node_port import NodePort, bridge_at_node_port

from batterysim.names import result_path
from tests.e2e.conftest import NAMESPACE, remove_namespace
from tests.e2e.receiver import Receiver
from tests.e2e.users import make_user, token_of
from tests.e2e.waiting import pods_of_component, until

from .test_large_objects import LIMIT_MEGABYTES
from .witness import resident_megabytes, restarts

# Some 95 MB as JSON, just below what callbacks may have.
POINTS = 600_000
RUNS = 4
READERS = 30
LOOKS_AT_ONCE = 4
SECRET = "whsec_" + base64.b64encode(b"a secret for this test alone").decode()
READS_SECRETS = {
    "apiGroup": "rbac.authorization.k8s.io",
    "kind": "ClusterRole",
    "name": "batterysim-callback-secrets",
}


@pytest.fixture
def kube() -> Iterator[Kube]:
    """The namespace whose receiver the deployed operator may call."""
    kube = Kube(NAMESPACE)
    remove_namespace(kube)
    kube.core.create_namespace({"metadata": {"name": NAMESPACE}})
    labels = {"batterysim.dev/callback-secret": "true"}
    secret = {"metadata": {"name": "webhook", "labels": labels}, "stringData": {"key": SECRET}}
    kube.core.create_namespaced_secret(NAMESPACE, secret)
    subject = {"kind": "ServiceAccount", "name": "batterysim-operator", "namespace": SYSTEM_NAMESPACE}
    binding = {"metadata": {"name": "callbacks"}, "roleRef": READS_SECRETS, "subjects": [subject]}
    kube.rbac.create_namespaced_role_binding(NAMESPACE, binding)
    yield kube
    kube.core.delete_namespace(NAMESPACE)


@pytest.fixture
def receiver(kube: Kube) -> Receiver:
    return Receiver(kube, refusals=0)


@pytest.fixture
def bridge(kube: Kube) -> Iterator[NodePort]:
    """New processes, whose memory no other test has used."""
    for command in (("restart",), ("status", "--timeout=120s")):
        for component in LIMIT_MEGABYTES:
            rollout = ("rollout", command[0], f"deployment/batterysim-{component}", *command[1:])
            subprocess.run(("kubectl", "-n", SYSTEM_NAMESPACE, *rollout), check=True, capture_output=True)
    with bridge_at_node_port(kube) as node_port:
        yield node_port


def run_large(kube: Kube, receiver: Receiver) -> list[str]:
    """Run simulations whose results are owed to a receiver, signed; return their names."""
    names = []
    for number in range(RUNS):
        manifest = load_example("cell-discharge")
        manifest["metadata"] = {"name": f"large-{number}"}
        manifest["spec"]["output"] = {"points": POINTS}
        manifest["spec"]["callback"] = {"url": f"{receiver.url}/v1", "secretRef": {"name": "webhook"}}
        names.append(kube.create(manifest)["metadata"]["name"])
    for item in kube.wait_for_end(*names, timeout_seconds=300).values():
        assert item["status"]["phase"] == "Succeeded"
    return names


def read_nothing(bridge: NodePort, path: str, token: str) -> socket.socket:
    """Ask for something large, and take none of it."""
    connection = socket.create_connection(bridge, timeout=10)
    head = f"GET {path} HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer {token}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def test_large_results_take_little_memory_of_operator_and_bridge(
    kube: Kube, receiver: Receiver, bridge: NodePort
) -> None:
    before = restarts(kube)
    names = run_large(kube, receiver)
    make_user(kube, "greedy", "batterysim-viewer")
    token, greedy = kube.reader_token(), token_of(kube, "greedy")
    paths = [result_path(NAMESPACE, name) for name in names]

    def look(number: int) -> int:
        """Do what the page does whenever a run is looked at."""
        headers, url = {"Authorization": f"Bearer {token}"}, bridge.url + paths[number % RUNS]
        head = requests.get(f"{url}/head", headers=headers, timeout=60)
        few = requests.get(f"{url}?format=json&points=2", headers=headers, timeout=60)
        return head.status_code * 1000 + few.status_code

    began = time.monotonic()
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        looks = list(pool.map(look, range(READERS)))
    print(f"{READERS} looks: {time.monotonic() - began:.1f} s")
    assert set(looks) == {200_200}
    with ExitStack() as stack:  # of the same tenant, whose looks would wait for them
        for number in range(READERS):
            stack.enter_context(read_nothing(bridge, f"{paths[number % RUNS]}?format=csv", greedy))
        time.sleep(5)
    until(lambda: all("deliveredTime" in kube.get(name)["status"].get("callback", {}) for name in names), 300)

    for component, limit in LIMIT_MEGABYTES.items():
        (pod,) = pods_of_component(kube, component)
        peak = resident_megabytes(pod, "VmHWM")
        print(f"{component}: {peak:.0f} MB at most, of {limit:.0f}")
        assert peak < limit / 2
    sizes = [post["bytes"] for post in receiver.posts("/v1")]
    print(f"callbacks of {min(sizes) / 1e6:.0f} to {max(sizes) / 1e6:.0f} MB")
    assert len(sizes) >= RUNS
    assert min(sizes) > 50e6
    assert restarts(kube) == before
