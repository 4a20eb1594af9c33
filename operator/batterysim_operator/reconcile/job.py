"""The runner Job of a simulation. Pure: the same simulation, settings and time give the same manifest."""

from datetime import datetime
from typing import Any

from batterysim import names
from batterysim.failure import FINAL_EXIT_CODES
from batterysim.spec.documents.contents import references
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_operator.reconcile.job_changes import BACKSTOP_SECONDS
from batterysim_operator.reconcile.observation import Manifest
from batterysim_operator.reconcile.runner_pod import (
    RunnerPod,
    copied,
    label_of,
    owner_of,
    queue_label,
    release_of,
    template_of,
)
from batterysim_operator.reconcile.runner_settings import RunnerSettings

IGNORE_EVICTIONS: dict[str, Any] = {
    "action": "Ignore",
    "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
}
"""Evictions do not count as attempts."""

END_AT_FINAL_CODES: dict[str, Any] = {
    "action": "FailJob",
    "onExitCodes": {
        "containerName": names.RUNNER_CONTAINER,
        "operator": "In",
        "values": sorted(FINAL_EXIT_CODES),
    },
}
"""An exit code that another attempt cannot change ends the Job."""


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
    labels = copied(metadata.get("labels"), settings) | _labels(metadata)
    annotations = copied(metadata.get("annotations"), settings) | {
        names.ANNOTATION_SIMULATION: metadata["name"]
    }
    physics = spec.physics()
    pod = RunnerPod(metadata["namespace"], metadata["name"], spec.run.resources, references(physics))
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": names.job_name(metadata["uid"]),
            "namespace": metadata["namespace"],
            "labels": labels | queue_label(spec.run.queue_name),
            "annotations": annotations | {names.ANNOTATION_CREATED: now.isoformat()} | release_of(settings),
            "ownerReferences": [owner_of(simulation, names.KIND)],
        },
        "spec": {
            "backoffLimit": spec.run.retries,
            "activeDeadlineSeconds": max(1, spec.run.deadline_seconds - int(waited_seconds)),
            # Its user's value is set when the end is recorded, see job_changes.
            "ttlSecondsAfterFinished": BACKSTOP_SECONDS,
            "podReplacementPolicy": "Failed",
            "podFailurePolicy": {"rules": [IGNORE_EVICTIONS, END_AT_FINAL_CODES]},
            "template": template_of(pod, settings, labels, annotations, physics),
        },
    }


def _labels(metadata: Manifest) -> dict[str, str]:
    return {
        names.LABEL_MANAGED_BY: names.MANAGED_BY,
        names.LABEL_COMPONENT: names.RUNNER_COMPONENT,
        names.LABEL_SIMULATION_UID: metadata["uid"],
        names.LABEL_SIMULATION_NAME: label_of(metadata["name"]),
    }
