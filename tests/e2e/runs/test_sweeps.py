"""Sweeps on a real cluster: from `kubectl apply` to one table, whatever happens to pods."""

import io
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from devtools.kube import Kube, Results
from kubernetes.client.exceptions import ApiException

from batterysim import names
from tests.e2e.sweeps import many_rates, progress, sweep, table_of
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


def rates(bad: int | None = None) -> str:
    """Return points of a rate and a state of charge; an empty cell cannot be discharged."""
    rows = [f"{0.5 + number / 20},{0.0 if number == bad else 1.0}" for number in range(POINTS)]
    return "\n".join(["protocol.constantCurrent.cRate,cell.initialStateOfCharge", *rows])


def test_a_sweep_with_a_bad_point_and_a_killed_pod_has_the_rows_of_a_local_one(
    sweeps: Kube, results: Results, tmp_path: Path
) -> None:
    manifest = sweep("rates", rates(BAD), shards=4, parallelism=2)
    manifest["spec"]["series"] = {"keep": "Best"}
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
    best = {point["point"] for point in status["best"]}
    kept = {number: result_of(results, sweeps.namespace, number) for number in range(POINTS)}
    assert {number for number, result in kept.items() if result is not None} == best
    for number in best:
        assert kept[number]["Voltage [V]"].iloc[-1] == pytest.approx(table.endVolts[number], abs=1e-6)
    columns = kubectl("get", "bsweep", "rates", "-n", sweeps.namespace).splitlines()
    assert columns[0].split()[:5] == ["NAME", "PHASE", "POINTS", "DONE", "FAILED"]
    assert columns[1].split()[:5] == ["rates", "Succeeded", "40", "40", "1"]
    about = f"involvedObject.kind={names.SWEEP_KIND},involvedObject.name=rates"
    events = ("get", "events", "-n", sweeps.namespace, "--field-selector", about)
    until(lambda: "all 40 points have ended, and 1 of them have failed" in kubectl(*events))


def result_of(results: Results, namespace: str, point: int) -> pd.DataFrame | None:
    """Return the whole result of a point of `rates`; None: it is not kept."""
    path = names.point_result_path(namespace, "rates", point)
    answer = results.session.get(results.url + path, timeout=60)
    return None if answer.status_code == 404 else pd.read_parquet(io.BytesIO(answer.content))


def test_a_suspended_sweep_keeps_what_it_has_and_goes_on(sweeps: Kube, results: Results) -> None:
    created = sweeps.create(sweep("held", many_rates(HELD), shards=1))
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


def kubectl(*arguments: str) -> str:
    return subprocess.run(["kubectl", *arguments], capture_output=True, text=True, check=True).stdout
