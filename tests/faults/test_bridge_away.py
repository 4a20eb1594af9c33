"""The bridge is away while runs come to their end. Each result waits for it, and none is solved twice.

`make faults-bridge-away` takes 20 runs and six minutes, which is longer than any number of attempts with
back-off would last. FAULTS_RUNS and FAULTS_SECONDS change that.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from devtools.kube import SYSTEM_NAMESPACE, Kube, Manifest

from batterysim import names
from tests.namespaces import fresh_namespace

RUNS = int(os.environ.get("FAULTS_RUNS", "20"))
AWAY_SECONDS = float(os.environ.get("FAULTS_SECONDS", "360"))


def simulation(number: int) -> Manifest:
    """Return a short simulation that differs from the others, and whose pod requests little."""
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"name": f"run-{number}"},
        "spec": {
            "model": {"family": "SPM"},
            "cell": {"parameterSet": "Chen2020"},
            "protocol": {"constantCurrent": {"currentAmperes": 3 + number / 100, "durationSeconds": 1200}},
            "run": {"isolation": "Job", "resources": {"requests": {"cpu": "20m"}}},
        },
    }


@contextmanager
def bridge_away() -> Iterator[None]:
    """Have no bridge for the time of a block."""
    kubectl("scale", "deployment/batterysim-bridge", "--replicas=0")
    kubectl("wait", "--for=delete", "pod", "-l", "app.kubernetes.io/component=bridge", "--timeout=60s")
    try:
        yield
    finally:
        kubectl("scale", "deployment/batterysim-bridge", "--replicas=1")
        kubectl("rollout", "status", "deployment/batterysim-bridge", "--timeout=5m")


def kubectl(*arguments: str) -> None:
    subprocess.run(["kubectl", "-n", SYSTEM_NAMESPACE, *arguments], check=True, capture_output=True)


def run_without_bridge(kube: Kube, runs: int, away_seconds: float) -> None:
    """Let simulations come to their end while the bridge is away, and look at their ends afterwards."""
    with fresh_namespace(kube):
        with bridge_away():
            created = [kube.create(simulation(number)) for number in range(runs)]
            time.sleep(away_seconds)
            waiting = [kube.get(item["metadata"]["name"])["status"]["phase"] for item in created]
        back = time.monotonic()
        ended = kube.wait_for_end(*(item["metadata"]["name"] for item in created), timeout_seconds=300)

        seconds = time.monotonic() - back
        print(
            f"{runs} runs, {away_seconds:.0f} s without a bridge: all ended {seconds:.0f} s after it was back"
        )
        assert set(waiting) <= {"Pending", "Running"}
        assert {item["status"]["phase"] for item in ended.values()} == {"Succeeded"}
        pods = [pod for item in created for pod in kube.pods_of(item)]
        assert len(pods) == runs, "a run was solved again"
        failed = [job.status.failed for item in created for job in kube.jobs_of(item)]
        assert not any(failed)
        attempts = [status.restart_count for pod in pods for status in pod.status.container_statuses]
        assert not any(attempts)


def test_all_results_arrive_and_nothing_is_solved_twice() -> None:
    run_without_bridge(Kube("batterysim-faults-away"), RUNS, AWAY_SECONDS)
