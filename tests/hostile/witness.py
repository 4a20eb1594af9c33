"""What is left of an attack when it is over: memory, restarts, logs."""

import re
import subprocess

from devtools.kube import SYSTEM_NAMESPACE, Kube

COMPONENTS = ("operator", "bridge")


def resident_megabytes(pod: str, field: str = "VmRSS") -> float:
    """Return the memory of a pod's first process in MB; VmHWM is the most that it has had."""
    command = ("kubectl", "-n", SYSTEM_NAMESPACE, "exec", pod, "--", "cat", "/proc/1/status")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(rf"{field}:\s+(\d+) kB", done.stdout)
    assert found is not None, done.stdout
    return int(found[1]) * 1024 / 1e6


def restarts(kube: Kube) -> dict[str, int]:
    """Return how often each container of operator and bridge has been started again."""
    selector = f"app.kubernetes.io/name=batterysim,app.kubernetes.io/component in ({','.join(COMPONENTS)})"
    pods = kube.core.list_namespaced_pod(SYSTEM_NAMESPACE, label_selector=selector).items
    return {pod.metadata.name: pod.status.container_statuses[0].restart_count for pod in pods}


def tracebacks(kube: Kube, since_seconds: int) -> list[str]:
    """Return the lines with tracebacks in the logs of operator and bridge."""
    logs = [
        kube.core.read_namespaced_pod_log(name, SYSTEM_NAMESPACE, since_seconds=since_seconds)
        for name in restarts(kube)
    ]
    return [line for log in logs for line in log.splitlines() if "Traceback (most recent call last)" in line]


def percentile(values: list[float], share: float) -> float:
    """Return the value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
