"""The bridge's Service at a port of a node.

Each connection goes to one of the bridge's pods, and breaks when that pod ends, but no other does.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from kubernetes.client.exceptions import ApiException

from devtools.kube import SYSTEM_NAMESPACE, Kube

NAME = "batterysim-bridge-e2e"
OPENING_SECONDS = 30.0


class NodePort(NamedTuple):
    """Where the bridge is reached from this machine."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The start of the bridge's URLs."""
        return f"http://{self.host}:{self.port}"

    @property
    def this_machine(self) -> str:
        """The address of this machine as the node sees it."""
        with socket.create_connection(self, timeout=5) as connection:
            return str(connection.getsockname()[0])


@contextmanager
def bridge_at_node_port(kube: Kube, port: str = "http") -> Iterator[NodePort]:
    """Add a Service with a port on each node, for the time of a test.

    port: of the bridge, http or job-manager.
    """
    name = f"{NAME}-{port}"
    _remove(kube, name)
    own = kube.core.read_namespaced_service("batterysim-bridge", SYSTEM_NAMESPACE)
    service: dict[str, Any] = {
        "metadata": {"name": name},
        "spec": {
            "type": "NodePort",
            "selector": own.spec.selector,
            "ports": [{"port": 8084, "targetPort": port}],
        },
    }
    created = kube.core.create_namespaced_service(SYSTEM_NAMESPACE, service)
    try:
        node_port = NodePort(_node_address(kube), created.spec.ports[0].node_port)
        _wait_until_open(node_port)
        yield node_port
    finally:
        _remove(kube, name)


def _node_address(kube: Kube) -> str:
    node = kube.core.list_node().items[0]
    return next(str(item.address) for item in node.status.addresses if item.type == "InternalIP")


def _wait_until_open(node_port: NodePort) -> None:
    deadline = time.monotonic() + OPENING_SECONDS
    while not _is_open(node_port):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing listens at {node_port.url}")
        time.sleep(0.2)


def _is_open(node_port: NodePort) -> bool:
    try:
        with socket.create_connection(node_port, timeout=2):
            return True
    except OSError:
        return False


def _remove(kube: Kube, name: str) -> None:
    try:
        kube.core.delete_namespaced_service(name, SYSTEM_NAMESPACE)
    except ApiException as error:
        if error.status != 404:
            raise
