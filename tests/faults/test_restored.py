"""The cluster is put back to a snapshot of ten minutes before: no result is removed, and it is said why.

`make faults-restored` does it on the local cluster, for all that runs there. FAULTS_AGE_SECONDS says how old
the snapshot is.
"""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from devtools.kube import SYSTEM_NAMESPACE, Kube, Manifest, forwarded_bridge

from batterysim import names
from tests.namespaces import fresh_namespace

from .crowd import wait_until
from .etcd import restore_snapshot, take_snapshot

RUNS = int(os.environ.get("FAULTS_RUNS", "6"))
AGE_SECONDS = float(os.environ.get("FAULTS_AGE_SECONDS", "600"))
NAMESPACE = "batterysim-faults-restored"
STORE = f"/var/lib/batterysim/{NAMESPACE}"
BRIDGE = "deployment/batterysim-bridge"
SERVED_WITHIN_SECONDS = 120


def simulation(name: str) -> Manifest:
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"name": name},
        "spec": {
            "model": {"family": "SPM"},
            "cell": {"parameterSet": "Chen2020"},
            "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 600}},
            "run": {"isolation": "Job"},
        },
    }


def run_all(kube: Kube, name: str, runs: int = RUNS) -> set[str]:
    """Run simulations; return their UIDs."""
    created = [kube.create(simulation(f"{name}-{number}")) for number in range(runs)]
    ended = kube.wait_for_end(*(item["metadata"]["name"] for item in created), timeout_seconds=300)
    assert {item["status"]["phase"] for item in ended.values()} == {"Succeeded"}
    return {item["metadata"]["uid"] for item in created}


def kubectl(*arguments: str) -> str:
    command = ["kubectl", "-n", SYSTEM_NAMESPACE, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def stored() -> set[str]:
    """Return the UIDs that the bridge's volume has results of."""
    return set(kubectl("exec", BRIDGE, "--", "ls", STORE).split())


def restart_bridge() -> None:
    """Start the bridge again, which cleans up at its start."""
    kubectl("rollout", "restart", BRIDGE)
    kubectl("rollout", "status", BRIDGE, "--timeout=5m")


def logs() -> str:
    """Return what the bridge that runs now has logged."""
    return kubectl("logs", BRIDGE)


def orphans(state: str) -> float:
    with forwarded_bridge() as url:
        metrics = requests.get(f"{url}/metrics", timeout=10).text
    found = re.search(rf'^batterysim_bridge_orphans{{state="{state}"}} (.+)$', metrics, re.M)
    return float(found[1]) if found else 0.0


@contextmanager
def forgotten_afterwards() -> Iterator[None]:
    """Remove what no simulation has any more, and let the bridge count its cleanups from the beginning."""
    try:
        yield
    finally:
        kubectl("exec", BRIDGE, "--", "sh", "-c", f"rm -rf {STORE} /var/lib/batterysim/.owners/*")


def test_no_result_is_removed_and_it_is_said_why() -> None:
    kube = Kube(NAMESPACE)
    with fresh_namespace(kube), forgotten_afterwards():
        kept = run_all(kube, "kept")
        take_snapshot(kube)
        taken = time.monotonic()
        lost = run_all(kube, "lost")
        if AGE_SECONDS < 300:
            restart_bridge()
        time.sleep(max(0.0, AGE_SECONDS - (time.monotonic() - taken)))

        began = time.monotonic()
        restore_snapshot(kube)
        answered = time.monotonic()
        new = run_all(kube, "new", 1)
        served = time.monotonic()
        print(
            f"the cluster answers {answered - began:.0f} s after the restoration began, "
            f"the first run succeeds {served - answered:.0f} s after that"
        )
        assert served - answered <= SERVED_WITHIN_SECONDS
        assert not any(kube.exists(f"lost-{number}") for number in range(RUNS))

        # The store has orphans of others, too: of simulations that were deleted while no bridge looked on.
        wait_until(lambda: orphans("refused") >= RUNS)
        told = re.findall(r"nothing is removed: (\d+) of .* the cluster was restored from a backup", logs())
        assert int(told[-1]) >= RUNS
        restart_bridge()
        wait_until(lambda: orphans("refused") >= RUNS)
        assert stored() == kept | lost | new
        print(f"{len(kept)} results with simulations and {len(lost)} without, 0 removed")
