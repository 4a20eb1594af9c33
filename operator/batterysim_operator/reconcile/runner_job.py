"""What the Jobs of simulations and of sweeps share: their names, marks and owners, and when they end."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from batterysim import names
from batterysim.failure import FINAL_EXIT_CODES
from batterysim_operator.reconcile.observation import Manifest
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


class Kind(NamedTuple):
    """Of the objects that Jobs are made for: their kind, and where a Job says which of them it is for."""

    kind: str
    uid_label: str
    name_label: str
    name_annotation: str


SIMULATION = Kind(
    names.KIND, names.LABEL_SIMULATION_UID, names.LABEL_SIMULATION_NAME, names.ANNOTATION_SIMULATION
)
SWEEP = Kind(names.SWEEP_KIND, names.LABEL_SWEEP_UID, names.LABEL_SWEEP_NAME, names.ANNOTATION_SWEEP)


class Marks(NamedTuple):
    """The labels and annotations that a Job and its pods have."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]


def marks_of(owner: Manifest, kind: Kind, settings: RunnerSettings) -> Marks:
    """Return the marks of the Job of an object: those that the administrator wants copied, and ours."""
    metadata = owner["metadata"]
    ours = {
        names.LABEL_MANAGED_BY: names.MANAGED_BY,
        names.LABEL_COMPONENT: names.RUNNER_COMPONENT,
        kind.uid_label: metadata["uid"],
        kind.name_label: _label_of(metadata["name"]),
    }
    annotations = _copied(metadata.get("annotations"), settings) | {kind.name_annotation: metadata["name"]}
    return Marks(_copied(metadata.get("labels"), settings) | ours, annotations)


def job_of(
    owner: Manifest,
    kind: Kind,
    name: str,
    settings: RunnerSettings,
    now: datetime,
    *,
    queue_name: str | None,
    spec: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the Job of an object, with the object as its controller.

    now: when it is created.
    queue_name: the LocalQueue whose Kueue admits it.
    spec: the Job's.
    """
    marks = marks_of(owner, kind, settings)
    created = {names.ANNOTATION_CREATED: now.isoformat()}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": owner["metadata"]["namespace"],
            "labels": {**marks.labels, **_queue_label(queue_name)},
            "annotations": {**marks.annotations, **created, **_release_of(settings)},
            "ownerReferences": [_owner_of(owner, kind.kind)],
        },
        "spec": dict(spec),
    }


def _owner_of(manifest: Manifest, kind: str) -> dict[str, Any]:
    """Return the ownerReference that makes an object of ours the controller of its Job."""
    return {
        "apiVersion": names.API_VERSION,
        "kind": kind,
        "name": manifest["metadata"]["name"],
        "uid": manifest["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _label_of(name: str) -> str:
    """Return an object's name as a label's value, for selectors of people; cut where it is too long."""
    return name[: names.LABEL_VALUE_MAX_LENGTH].rstrip("-.")


def _copied(given: Manifest | None, settings: RunnerSettings) -> dict[str, str]:
    """Return the labels or annotations of an object that the administrator wants on Job and pod."""
    return {key: value for key, value in (given or {}).items() if key.startswith(settings.copied_prefixes)}


def _release_of(settings: RunnerSettings) -> dict[str, str]:
    """Return the annotation with the release that has made a Job."""
    return {} if settings.release is None else {names.ANNOTATION_RELEASE: settings.release}


def _queue_label(queue_name: str | None) -> dict[str, str]:
    """Return the label by which Kueue admits a Job. Kueue itself suspends and resumes it from then on."""
    return {} if queue_name is None else {names.LABEL_KUEUE_QUEUE: queue_name}
