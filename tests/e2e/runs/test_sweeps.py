"""Sweeps on a real cluster: from `kubectl apply` to one table, whatever happens to pods."""

import io
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from devtools.kube import Kube, Manifest, Results
from kubernetes.client.exceptions import ApiException

from batterysim import names
from tests.e2e.waiting import until
from tests.sweeps import solve_sweep

POINTS = 40
BAD = 17
HELD = 2000
KINDS = ["point", "status", "reason", "endReason"]
NUMBERS = ["dischargeCapacityAmpereHours", "dischargeEnergyWattHours", "endVolts", "endTimeSeconds"]


@pytest.fixture
def sweeps(kube: Kube) -> Kube:
    return Kube(kube.namespace, names.SWEEP_PLURAL)


def sweep(name: str, csv: str, **run: Any) -> Manifest:
    """Return a sweep of an SPM over points that are written down."""
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.SWEEP_KIND,
        "metadata": {"name": name},
        "spec": {
            "simulation": {
                "model": {"family": "SPM"},
                "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 1.0},
                "protocol": {"constantCurrent": {"cRate": 1, "durationSeconds": 7200}},
            },
            "design": {"table": {"csv": csv}},
            "objective": {"metric": "dischargeEnergyWattHours", "goal": "Maximise"},
            "run": run,
        },
    }


def rates(bad: int | None = None) -> str:
    """Return points of a rate and a state of charge; an empty cell cannot be discharged."""
    rows = [f"{0.5 + number / 20},{0.0 if number == bad else 1.0}" for number in range(POINTS)]
    return "\n".join(["protocol.constantCurrent.cRate,cell.initialStateOfCharge", *rows])


def table_of(results: Results, namespace: str, name: str) -> pd.DataFrame:
    answer = results.session.get(f"{results.url}{names.points_path(namespace, name)}", timeout=60)
    answer.raise_for_status()
    return pd.read_parquet(io.BytesIO(answer.content))


def test_a_sweep_with_a_bad_point_and_a_killed_pod_has_the_rows_of_a_local_one(
    sweeps: Kube, results: Results, tmp_path: Path
) -> None:
    manifest = sweep("rates", rates(BAD), shards=4, parallelism=2)
    created = sweeps.create(manifest)
    until(lambda: any(pod.status.phase == "Running" for pod in sweeps.pods_of(created)), 60)
    victim = next(pod for pod in sweeps.pods_of(created) if pod.status.phase == "Running")
    sweeps.core.delete_namespaced_pod(victim.metadata.name, sweeps.namespace, grace_period_seconds=0)

    ended = sweeps.wait_for_end("rates")["rates"]

    status = ended["status"]
    assert status["phase"] == "Succeeded", status
    assert status["design"]["points"] == POINTS
    assert status["progress"] | {"pointsPerSecond": 0, "etaSeconds": 0} == {
        **{"points": POINTS, "done": POINTS, "failed": 1, "shards": 4, "shardsDone": 4},
        **{"pointsPerSecond": 0, "etaSeconds": 0},
    }
    assert status["failures"]["reasons"] == {"Infeasible": 1}
    assert status["failures"]["examples"][0]["point"] == BAD
    table = table_of(results, sweeps.namespace, "rates")
    local = solve_sweep(manifest["spec"], tmp_path).table
    assert list(table.point) == list(range(POINTS))
    pd.testing.assert_frame_equal(table[KINDS], local[KINDS])
    pd.testing.assert_frame_equal(table[NUMBERS], local[NUMBERS], rtol=1e-6)
    assert status["best"][0]["point"] == local.dischargeEnergyWattHours.idxmax()
    columns = kubectl("get", "bsweep", "rates", "-n", sweeps.namespace).splitlines()
    assert columns[0].split()[:5] == ["NAME", "PHASE", "POINTS", "DONE", "FAILED"]
    assert columns[1].split()[:5] == ["rates", "Succeeded", "40", "40", "1"]


def test_a_suspended_sweep_keeps_what_it_has_and_goes_on(sweeps: Kube, results: Results) -> None:
    rows = "\n".join(
        ["protocol.constantCurrent.cRate", *(f"{0.5 + number / HELD}" for number in range(HELD))]
    )
    created = sweeps.create(sweep("held", rows, shards=1))
    until(lambda: progress(sweeps, "held").get("done", 0) > 0, 60)

    sweeps.patch("held", {"spec": {"run": {"suspend": True}}})
    until(lambda: sweeps.get("held")["status"]["phase"] == "Suspended", 60)
    until(lambda: not sweeps.pods_of(created), 60)
    stored = len(table_of(results, sweeps.namespace, "held"))
    sweeps.patch("held", {"spec": {"run": {"suspend": False}}})

    assert 0 < stored < HELD
    assert sweeps.wait_for_end("held")["held"]["status"]["phase"] == "Succeeded"
    assert list(table_of(results, sweeps.namespace, "held").point) == list(range(HELD))


def test_an_invalid_sweep_gets_no_pod_and_a_started_one_keeps_its_spec(sweeps: Kube) -> None:
    wrong = sweep("wrong", "cell.initialStateOfCharge\n1.5")
    created = sweeps.create(wrong)

    ended = sweeps.wait_for_end("wrong")["wrong"]

    assert ended["status"]["phase"] == "Invalid"
    assert "must be at most 1, not 1.5" in ended["status"]["failure"]["message"]
    assert sweeps.jobs_of(created) == []
    sweeps.create(sweep("started", rates()))
    until(lambda: "jobName" in sweeps.get("started").get("status", {}))
    with pytest.raises(ApiException, match="cannot change once the sweep has started"):
        sweeps.patch("started", {"spec": {"design": {"table": {"csv": rates(3)}}}})


def test_a_deleted_sweep_leaves_no_pods_and_no_table(sweeps: Kube, results: Results) -> None:
    created = sweeps.create(sweep("gone", rates()))
    sweeps.wait_for_end("gone")
    assert len(table_of(results, sweeps.namespace, "gone")) == POINTS

    sweeps.delete("gone")

    until(lambda: not sweeps.pods_of(created), 60)
    again = sweeps.create(sweep("gone", rates(), suspend=True))
    path = names.points_path(sweeps.namespace, "gone")
    assert results.session.get(results.url + path, timeout=60).status_code == 404
    until(lambda: sweeps.get("gone").get("status", {}).get("phase") == "Suspended")
    assert sweeps.pods_of(again) == []


def progress(sweeps: Kube, name: str) -> dict[str, Any]:
    found: dict[str, Any] = sweeps.get(name).get("status", {}).get("progress", {})
    return found


def kubectl(*arguments: str) -> str:
    return subprocess.run(["kubectl", *arguments], capture_output=True, text=True, check=True).stdout
