"""Waiting for what Kubernetes does in its own time."""

import time
from collections.abc import Callable

from devtools.kube import SYSTEM_NAMESPACE, Kube


def until(condition: Callable[[], bool], timeout_seconds: float = 30) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        assert time.monotonic() < deadline, "it has not happened in time"
        time.sleep(0.2)


def pods_of_component(kube: Kube, component: str) -> list[str]:
    """Return the names of the release's pods of one component that are not being deleted."""
    selector = f"app.kubernetes.io/name=batterysim,app.kubernetes.io/component={component}"
    pods = kube.core.list_namespaced_pod(SYSTEM_NAMESPACE, label_selector=selector).items
    return [pod.metadata.name for pod in pods if pod.metadata.deletion_timestamp is None]
