"""CPU time of the node and of the pods that last, as the kubelet counts it.

The kubelet reads its counters only every ten seconds or so. A reading therefore waits until all of them are
younger than the moment that it is for, and the use of the idle cluster, measured first, is subtracted.
"""

import json
import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

from devtools.kube import Kube

COMPONENTS = (
    "batterysim-bridge",
    "batterysim-operator",
    "batterysim-shared-runner",
    "kube-apiserver",
    "etcd",
)
NODE = "node"
IDLE_SECONDS = 30.0
PAUSE_SECONDS = 1.0


class Counter(NamedTuple):
    """CPU time so far, and the Unix time at which it was read."""

    time: float
    cpu_seconds: float


Reading = dict[str, Counter]


class NodeCpu:
    """Reads the counters of the cluster's only node."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube
        self._node = kube.core.list_node().items[0].metadata.name
        self._idle: dict[str, float] = {}

    def learn_idle(self) -> None:
        """Measure what the cluster uses while nobody asks for anything."""
        before = self.read()
        time.sleep(IDLE_SECONDS)
        after = self.read()
        self._idle = {
            name: (after[name].cpu_seconds - before[name].cpu_seconds)
            / (after[name].time - before[name].time)
            for name in before
        }

    def read(self) -> Reading:
        """Return the counters, all younger than this call."""
        now = datetime.now(UTC).timestamp()
        while True:
            reading = self._counters()
            if all(counter.time >= now for counter in reading.values()):
                return reading
            time.sleep(PAUSE_SECONDS)

    def spent(self, before: Reading, after: Reading, share: float = 1.0) -> dict[str, float]:
        """Return the CPU time between two readings beyond that of an idle cluster, times share."""
        return {
            name: share
            * (
                after[name].cpu_seconds
                - before[name].cpu_seconds
                - self._idle.get(name, 0.0) * (after[name].time - before[name].time)
            )
            for name in after
            if name in before
        }

    def _counters(self) -> Reading:
        path = "stats/summary"
        answer = self._kube.core.connect_get_node_proxy_with_path(self._node, path, _preload_content=False)
        summary: dict[str, Any] = json.loads(answer.data)
        found = {NODE: _counter(summary["node"]["cpu"])}
        for pod in summary["pods"]:
            name = pod["podRef"]["name"]
            component = next((item for item in COMPONENTS if name.startswith(item)), None)
            if component is not None and "cpu" in pod:
                new, old = _counter(pod["cpu"]), found.get(component)
                found[component] = (
                    new
                    if old is None
                    else Counter(min(old.time, new.time), old.cpu_seconds + new.cpu_seconds)
                )
        return found


def _counter(cpu: dict[str, Any]) -> Counter:
    read = datetime.fromisoformat(cpu["time"]).timestamp()
    return Counter(read, cpu.get("usageCoreNanoSeconds", 0) / 1e9)
