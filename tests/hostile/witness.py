"""What others notice while somebody means harm: health, memory, restarts, logs."""

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from devtools.kube import SYSTEM_NAMESPACE, Kube

COMPONENTS = ("operator", "bridge")
PAUSE_SECONDS = 0.2


class Witness:
    """Asks for /healthz again and again, and for the bridge's memory now and then."""

    def __init__(self, url: str, bridge_pod: str) -> None:
        self.health_seconds: list[float] = []
        self.failures: list[str] = []
        self.memory_megabytes: list[float] = []
        self._url = url
        self._pod = bridge_pod
        self._has_ended = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch until the end of the block."""
        threads = [threading.Thread(target=self._ask), threading.Thread(target=self._measure)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._has_ended.set()
            for thread in threads:
                thread.join()

    def _ask(self) -> None:
        while not self._has_ended.wait(PAUSE_SECONDS):
            began = time.monotonic()
            try:
                answer = requests.get(f"{self._url}/healthz", timeout=10)
                if answer.status_code != 200:
                    self.failures.append(f"/healthz: {answer.status_code}")
            except requests.RequestException as error:
                self.failures.append(f"/healthz: {error}")
            self.health_seconds.append(time.monotonic() - began)

    def _measure(self) -> None:
        while not self._has_ended.wait(2.0):
            self.memory_megabytes.append(resident_megabytes(self._pod))


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
