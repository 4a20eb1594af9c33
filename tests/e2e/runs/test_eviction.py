"""A long run whose pod is evicted goes on where it was, and nobody can tell from its result."""

import io
import re
import subprocess

import numpy as np
import pyarrow.parquet as pq
from devtools.kube import SYSTEM_NAMESPACE, Kube, Results
from kubernetes import client

from batterysim_cli.local.run import run
from tests.e2e.waiting import until

# Some 0.2 s each: long enough for a checkpoint (every 10 s) with much left to do.
CYCLES = 200
COLUMNS = ("Time [s]", "Voltage [V]", "Current [A]", "Discharge capacity [A.h]")


def test_an_evicted_run_goes_on_from_its_checkpoint(kube: Kube, results: Results, simulation):
    manifest = simulation("ageing", model__family="DFN", protocol__experiment__cycles=CYCLES)
    name = manifest["metadata"]["name"]
    created = kube.create(manifest)
    uid = created["metadata"]["uid"]
    until(lambda: has_checkpoint(uid), timeout_seconds=120)
    (evicted,) = kube.pods_of(created)

    evict(kube, evicted.metadata.name)

    ended = kube.wait_for_end(name, timeout_seconds=300)[name]
    status = ended["status"]
    assert status["phase"] == "Succeeded", status
    assert status["provenance"]["podName"] != evicted.metadata.name
    log = kube.core.read_namespaced_pod_log(status["provenance"]["podName"], kube.namespace)
    went_on = re.search(r"continues from cycle (\d+), after a checkpoint", log)
    assert went_on, log
    assert 1 < int(went_on[1]) <= CYCLES
    assert status["summary"]["endReason"] == "StepsFinished"
    assert not has_checkpoint(uid)

    uninterrupted = pq.read_table(io.BytesIO(run(manifest).parquet))
    table = pq.read_table(io.BytesIO(results.fetch(kube.namespace, name)))
    assert table.num_rows == uninterrupted.num_rows
    for column in COLUMNS:
        np.testing.assert_allclose(
            table[column].to_numpy(), uninterrupted[column].to_numpy(), rtol=1e-9, atol=1e-9
        )


def evict(kube: Kube, pod: str) -> None:
    """Do what draining a node does."""
    eviction = client.V1Eviction(metadata=client.V1ObjectMeta(name=pod, namespace=kube.namespace))
    kube.core.create_namespaced_pod_eviction(pod, kube.namespace, eviction)


def has_checkpoint(uid: str) -> bool:
    """Tell whether the bridge's volume has a checkpoint of a simulation."""
    command = ["kubectl", "-n", SYSTEM_NAMESPACE, "exec", "deploy/batterysim-bridge", "--"]
    find = ["find", "/var/lib/batterysim/.checkpoints", "-name", uid]
    return bool(subprocess.run([*command, *find], check=True, capture_output=True).stdout.strip())
