"""Small builders of what most tests begin with: a spec, an object, its Job, a pod."""

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from batterysim import names
from batterysim.checks.judge import Judge
from batterysim.checks.validation import parse_spec
from batterysim.problem import InvalidSpecError
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_operator.reconcile.decision import Decision, needs_verdict, reconcile
from batterysim_operator.reconcile.observation import Observation
from batterysim_operator.settings import RunnerSettings

Json = dict[str, Any]

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
UID = "6f1b2c3d-0000-4000-8000-000000000001"
JOB_UID = "6f1b2c3d-0000-4000-8000-000000000002"


def iso(moment: datetime) -> str:
    """Return a time as Kubernetes writes it."""
    return moment.isoformat().replace("+00:00", "Z")


def ago(**amount: float) -> str:
    """Return the time some seconds, minutes or days before NOW, as Kubernetes writes it."""
    return iso(NOW - timedelta(**amount))


def raw_spec(*, cell: Json | None = None, **fields: Any) -> Json:
    """Return a spec as a user writes it: 5 A for an hour, unless told otherwise."""
    spec: Json = {
        "cell": {"parameterSet": "Chen2020", **(cell or {})},
        "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3600}},
    }
    return spec | fields


def spec_of(*, cell: Json | None = None, **fields: Any) -> BatterySimulationSpec:
    """Return the same, parsed."""
    return parse_spec(raw_spec(cell=cell, **fields))


def unchecked_spec_of(*, cell: Json | None = None, **fields: Any) -> BatterySimulationSpec:
    """Return a spec that no check has seen, as if what is wrong with it could not be known before."""
    return BatterySimulationSpec.model_validate(raw_spec(cell=cell, **fields))


def bpx_document() -> Json:
    """Return the BPX file of examples/bpx-cell.yaml, to be changed at will."""
    example = Path(__file__).parents[1] / "examples" / "bpx-cell.yaml"
    config_map, _ = yaml.safe_load_all(example.read_text(encoding="utf-8"))
    document: Json = json.loads(config_map["data"]["lg-m50.json"])
    return document


def bpx_cell(document: Json, **fields: Any) -> Json:
    """Return a cell that is described in a BPX file."""
    return {"parameterSet": None, "bpx": {"document": json.dumps(document)}, **fields}


def preset_cell(name: str, **fields: Any) -> Json:
    """Return a premade cell."""
    return {"parameterSet": None, "preset": name, **fields}


def constant_current(amperes: float, seconds: float) -> Json:
    """Return a protocol."""
    return {"constantCurrent": {"currentAmperes": amperes, "durationSeconds": seconds}}


def us06() -> Json:
    """Return a protocol."""
    return {"driveCycle": {"name": "US06"}}


def simulation(*, spec: Json | None = None, status: Json | None = None, **metadata: Any) -> Json:
    """Return a BatterySimulation as the API server has it."""
    manifest: Json = {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {
            "namespace": "lab",
            "name": "cell-discharge",
            "uid": UID,
            "generation": 1,
            "resourceVersion": "100",
            "creationTimestamp": ago(seconds=10),
            **metadata,
        },
        "spec": raw_spec() if spec is None else spec,
    }
    return manifest if status is None else manifest | {"status": status}


def condition(kind: str, truth: str, reason: str = "Because", **fields: Any) -> Json:
    """Return a condition of an object, of ours or of Kubernetes' own."""
    return {"type": kind, "status": truth, "reason": reason, "lastTransitionTime": ago(seconds=5), **fields}


def job(*conditions: Json, age: float = 5, **status: Any) -> Json:
    """Return the runner Job of the simulation above, created `age` seconds ago."""
    return {
        "metadata": {
            "namespace": "lab",
            "name": names.job_name(UID),
            "uid": JOB_UID,
            "creationTimestamp": ago(seconds=age),
            "annotations": {names.ANNOTATION_SIMULATION: "cell-discharge"},
            "ownerReferences": [
                {"kind": names.KIND, "name": "cell-discharge", "uid": UID, "controller": True}
            ],
        },
        "status": {**({"conditions": list(conditions)} if conditions else {}), **status},
    }


def pod(phase: str, *conditions: Json, age: float = 5, **state: Any) -> Json:
    """Return a pod of that Job. state: of the runner's container, such as terminated={"exitCode": 64}."""
    status: Json = {"phase": phase}
    if conditions:
        status["conditions"] = list(conditions)
    if state:
        status["containerStatuses"] = [{"name": names.RUNNER_CONTAINER, "state": state}]
    metadata = {
        "name": f"pod-{age}",
        "creationTimestamp": ago(seconds=age),
        "ownerReferences": [{"kind": "Job", "name": names.job_name(UID), "uid": JOB_UID, "controller": True}],
    }
    return {"metadata": metadata, "status": status}


def observation(simulation_: Json, job_: Json | None = None, *pods: Json, now: datetime = NOW) -> Observation:
    """Return what the operator sees."""
    return Observation(simulation_, job_, pods, now)


def decide(seen: Observation, settings: RunnerSettings) -> Decision:
    """Decide as the operator does: what has to be checked is checked before."""
    if not needs_verdict(seen):
        return reconcile(seen, settings)
    try:
        return reconcile(replace(seen, verdict=parse_spec(seen.simulation["spec"])), settings)
    except InvalidSpecError as error:
        return reconcile(replace(seen, verdict=error), settings)


class WorkHere:
    """Does work at once, in this process; functions, arguments and results must be fit for another one."""

    async def run(self, who: str, function: Callable[..., Any], *arguments: Any) -> Any:
        function, arguments = pickle.loads(pickle.dumps((function, arguments)))
        try:
            return pickle.loads(pickle.dumps(function(*arguments)))
        except Exception as error:
            raise pickle.loads(pickle.dumps(error)) from None


def judge() -> Judge:
    """Return a judge that needs no other process."""
    return Judge(WorkHere())
