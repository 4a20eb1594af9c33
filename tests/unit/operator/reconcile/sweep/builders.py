"""A sweep of fifteen points in two shards, its Job and its pods."""

from typing import Any

from batterysim import names
from batterysim.problem import InvalidSpecError
from batterysim.sweep.cluster.judge import read_sweep
from batterysim_operator.reconcile.observation import Observation
from batterysim_operator.reconcile.runner_pod import compact_json
from batterysim_operator.reconcile.runner_settings import RunnerSettings
from batterysim_operator.reconcile.sweep.decision import (
    SweepDecision,
    SweepVerdict,
    needs_verdict,
    reconcile_sweep,
)
from tests.builders import JOB_UID, NOW, UID, Json, ago, condition, pod
from tests.unit.api.sweep.builders import C_RATE, raw_sweep

SETTINGS = RunnerSettings(image="registry.example.com/runner:1", bridge_url="http://bridge:8084")
RATES: Json = {"field": C_RATE, "range": {"from": 0.2, "to": 3, "points": 15}}
WHOLE: Json = {
    "progress": {"points": 15, "done": 15, "failed": 2, "shards": 2, "shardsDone": 2},
    "results": {"uri": "http://bridge:8084/v1/sweeps/lab/c-rates/points", "rows": 15},
}


def sweep(*, status: Json | None = None, generation: int = 1, **spec: Any) -> Json:
    """Return a BatterySweep as the API server has it."""
    manifest: Json = {
        "apiVersion": names.API_VERSION,
        "kind": names.SWEEP_KIND,
        "metadata": {
            "namespace": "lab",
            "name": "c-rates",
            "uid": UID,
            "generation": generation,
            "resourceVersion": "100",
            "creationTimestamp": ago(seconds=10),
        },
        "spec": raw_sweep(RATES, **spec),
    }
    return manifest if status is None else manifest | {"status": status}


def accepted(**status: Any) -> Json:
    """Return the status of a sweep that has a Job."""
    return {
        "observedGeneration": 1,
        "phase": "Running",
        "jobName": names.sweep_job_name(UID),
        "startTime": ago(seconds=9),
        "design": {"points": 15},
        "conditions": [condition("Accepted", "True"), condition("Succeeded", "Unknown")],
        **status,
    }


def job(*conditions: Json, spec: Json | None = None, **status: Any) -> Json:
    """Return the Job of that sweep."""
    owner = {"kind": names.SWEEP_KIND, "name": "c-rates", "uid": UID, "controller": True}
    return {
        "metadata": {
            "namespace": "lab",
            "name": names.sweep_job_name(UID),
            "uid": JOB_UID,
            "creationTimestamp": ago(seconds=9),
            "ownerReferences": [owner],
        },
        "spec": {"parallelism": 2, "suspend": False, "activeDeadlineSeconds": 86_400} | (spec or {}),
        "status": {"startTime": ago(seconds=9), "conditions": list(conditions), **status},
    }


def sweep_pod(phase: str, **state: Any) -> Json:
    """Return a pod of that Job. state: of the runner's container."""
    made = pod(phase, **state)
    made["metadata"]["ownerReferences"][0]["name"] = names.sweep_job_name(UID)
    return made


def observed(sweep_: Json, job_: Json | None = None, *pods: Json) -> Observation:
    """Return what the operator sees."""
    return Observation(sweep_, job_, pods, NOW)


def decide(seen: Observation) -> SweepDecision:
    """Decide as the operator does: what has to be checked is checked before."""
    verdict: SweepVerdict | None = None
    if needs_verdict(seen):
        try:
            verdict = read_sweep(compact_json(seen.simulation["spec"]))
        except InvalidSpecError as error:
            verdict = error
    return reconcile_sweep(seen, verdict, SETTINGS)
