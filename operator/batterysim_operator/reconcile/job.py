"""The runner Job of a simulation. Pure: the same simulation, settings and time give the same manifest."""

from datetime import datetime
from typing import Any

from batterysim import names
from batterysim.spec.documents.contents import references
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_operator.reconcile.job_changes import BACKSTOP_SECONDS
from batterysim_operator.reconcile.observation import Manifest
from batterysim_operator.reconcile.runner_job import (
    END_AT_FINAL_CODES,
    IGNORE_EVICTIONS,
    SIMULATION,
    job_of,
    marks_of,
)
from batterysim_operator.reconcile.runner_pod import RunnerPod, template_of
from batterysim_operator.reconcile.runner_settings import RunnerSettings


def build_job(
    simulation: Manifest,
    spec: BatterySimulationSpec,
    settings: RunnerSettings,
    now: datetime,
    waited_seconds: float = 0.0,
) -> dict[str, Any]:
    """Return the Job that runs a simulation once, with its name derived from the simulation's UID.

    now: when it is created.
    waited_seconds: how long the simulation has waited for its Job already; the deadline counts it.
    """
    metadata = simulation["metadata"]
    physics = spec.physics()
    pod = RunnerPod(metadata["namespace"], metadata["name"], spec.run.resources, references(physics))
    marks = marks_of(simulation, SIMULATION, settings)
    of_job = {
        "backoffLimit": spec.run.retries,
        "activeDeadlineSeconds": max(1, spec.run.deadline_seconds - int(waited_seconds)),
        # Its user's value is set when the end is recorded, see job_changes.
        "ttlSecondsAfterFinished": BACKSTOP_SECONDS,
        "podReplacementPolicy": "Failed",
        "podFailurePolicy": {"rules": [IGNORE_EVICTIONS, END_AT_FINAL_CODES]},
        "template": template_of(pod, settings, marks, physics),
    }
    name, queue_name = names.job_name(metadata["uid"]), spec.run.queue_name
    return job_of(simulation, SIMULATION, name, settings, now, queue_name=queue_name, spec=of_job)
