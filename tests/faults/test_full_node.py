"""A bridge that restarts on a full node, while 30 simulations run and wait: it must not wait behind them.

Everything that the runs need to end goes before the runs. `make faults-full-node` runs it, first without a
restart and then with one, and prints both times.
"""

import os
import subprocess
import threading
import time
from typing import Any, NamedTuple

from devtools.kube import SYSTEM_NAMESPACE, Kube, Manifest

from batterysim import names
from tests.namespaces import fresh_namespace

NAMESPACE = "batterysim-faults-full"
RUNS = int(os.environ.get("FAULTS_RUNS", "30"))
RESTART_AFTER_SECONDS = 12.0
READY_WITHIN_SECONDS = 15.0
LONGER_AT_MOST = 1.3


class Course(NamedTuple):
    """How the runs went. ready_seconds: from the restart until the bridge was ready again."""

    seconds: float
    pods: int
    ready_seconds: float | None = None


def simulation(number: int) -> Manifest:
    """Return a simulation whose pod solves for some seconds."""
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"name": f"run-{number}"},
        "spec": {
            "model": {"family": "SPMe"},
            "cell": {"parameterSet": "Chen2020"},
            "protocol": {"driveCycle": {"name": "US06"}},
            "run": {"isolation": "Job"},
        },
    }


def kubectl(*arguments: str) -> None:
    subprocess.run(["kubectl", "-n", SYSTEM_NAMESPACE, *arguments], check=True, capture_output=True)


def restart_bridge(times: dict[str, float]) -> None:
    began = time.monotonic()
    kubectl("rollout", "restart", "deployment/batterysim-bridge")
    kubectl("rollout", "status", "deployment/batterysim-bridge", "--timeout=10m")
    times["ready"] = time.monotonic() - began


def run_all(kube: Kube, *, restart: bool) -> Course:
    """Create the simulations at once, and wait for all."""
    times: dict[str, float] = {}
    timer = threading.Timer(RESTART_AFTER_SECONDS, restart_bridge, [times])
    with fresh_namespace(kube):
        began = time.monotonic()
        created = [kube.create(simulation(number)) for number in range(RUNS)]
        if restart:
            timer.start()
        ended = kube.wait_for_end(*(item["metadata"]["name"] for item in created), timeout_seconds=1200)
        seconds = time.monotonic() - began
        if restart:
            timer.join()
        phases: Any = {item["status"]["phase"] for item in ended.values()}
        assert phases == {"Succeeded"}
        attempts = {item["status"]["provenance"]["podName"] for item in ended.values()}
        assert len(attempts) == RUNS
        pods = sum(len(kube.pods_of(item)) for item in created)
    return Course(seconds, pods, times.get("ready"))


def test_the_bridge_is_back_soon_and_nothing_is_solved_twice() -> None:
    kube = Kube(NAMESPACE)
    calm = run_all(kube, restart=False)
    faulty = run_all(kube, restart=True)

    print(
        f"{RUNS} runs: {calm.seconds:.0f} s; with a restart of the bridge {faulty.seconds:.0f} s, "
        f"ready after {faulty.ready_seconds:.0f} s; {faulty.pods} pods"
    )
    assert faulty.pods == RUNS, "a run was solved again"
    assert faulty.ready_seconds is not None
    assert faulty.ready_seconds <= READY_WITHIN_SECONDS
    assert faulty.seconds <= LONGER_AT_MOST * calm.seconds
