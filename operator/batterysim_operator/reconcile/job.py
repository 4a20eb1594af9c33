"""The runner Job of a simulation. Pure: the same simulation, settings and time give the same manifest."""

import json
from datetime import datetime
from typing import Any

from batterysim import names
from batterysim.failure import FINAL_EXIT_CODES
from batterysim.spec.documents.contents import references
from batterysim.spec.run_policy import Resources
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_operator.reconcile.job_changes import BACKSTOP_SECONDS
from batterysim_operator.reconcile.observation import Manifest
from batterysim_operator.reconcile.pod_template import CONTAINER_SECURITY, lay_under
from batterysim_operator.reconcile.runner_settings import RunnerSettings

# The kubelet renews the token; a run's upload reads the newest.
TOKEN_EXPIRATION_SECONDS = 3600
TMP_SIZE_LIMIT = "2Gi"
"""For the result, which may have 1 GiB, and a checkpoint."""
NOBODY = 65532


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
    labels = _copied(metadata.get("labels"), settings) | _labels(metadata)
    annotations = _copied(metadata.get("annotations"), settings) | {
        names.ANNOTATION_SIMULATION: metadata["name"]
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": names.job_name(metadata["uid"]),
            "namespace": metadata["namespace"],
            "labels": labels | _queue(spec),
            "annotations": annotations | {names.ANNOTATION_CREATED: now.isoformat()} | _release(settings),
            "ownerReferences": [_owner(simulation)],
        },
        "spec": {
            "backoffLimit": spec.run.retries,
            "activeDeadlineSeconds": max(1, spec.run.deadline_seconds - int(waited_seconds)),
            # Its user's value is set when the end is recorded, see job_changes.
            "ttlSecondsAfterFinished": BACKSTOP_SECONDS,
            "podReplacementPolicy": "Failed",
            "podFailurePolicy": _pod_failure_policy(),
            "template": lay_under(
                settings.pod_template,
                {
                    "metadata": {
                        "labels": labels,
                        "annotations": {**annotations, names.ANNOTATION_SPEC: _compact_json(spec.physics())},
                    },
                    "spec": _pod_spec(metadata, spec, settings),
                },
            ),
        },
    }


def _labels(metadata: Manifest) -> dict[str, str]:
    return {
        names.LABEL_MANAGED_BY: names.MANAGED_BY,
        names.LABEL_COMPONENT: names.RUNNER_COMPONENT,
        names.LABEL_SIMULATION_UID: metadata["uid"],
        # for selectors of people; cut where a name is longer than a label may be
        names.LABEL_SIMULATION_NAME: metadata["name"][: names.LABEL_VALUE_MAX_LENGTH].rstrip("-."),
    }


def _copied(given: Manifest | None, settings: RunnerSettings) -> dict[str, str]:
    """Return the labels or annotations of a simulation that the administrator wants on Job and pod."""
    return {key: value for key, value in (given or {}).items() if key.startswith(settings.copied_prefixes)}


def _release(settings: RunnerSettings) -> dict[str, str]:
    return {} if settings.release is None else {names.ANNOTATION_RELEASE: settings.release}


def _queue(spec: BatterySimulationSpec) -> dict[str, str]:
    """Return the label by which Kueue admits a Job. Kueue itself suspends and resumes it from then on."""
    return {} if spec.run.queue_name is None else {names.LABEL_KUEUE_QUEUE: spec.run.queue_name}


def _compact_json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _owner(simulation: Manifest) -> dict[str, Any]:
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "name": simulation["metadata"]["name"],
        "uid": simulation["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _pod_failure_policy() -> dict[str, Any]:
    """Evictions do not count as attempts; an exit code that another attempt cannot change ends the Job."""
    return {
        "rules": [
            {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
            {
                "action": "FailJob",
                "onExitCodes": {
                    "containerName": names.RUNNER_CONTAINER,
                    "operator": "In",
                    "values": sorted(FINAL_EXIT_CODES),
                },
            },
        ]
    }


def _pod_spec(metadata: Manifest, spec: BatterySimulationSpec, settings: RunnerSettings) -> dict[str, Any]:
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        # As process 1 Python would not hear a SIGTERM while it solves, and be killed with the exit code of a
        # lack of memory; beside the pod's pause process it ends at once, and the Job tries again.
        "shareProcessNamespace": True,
        "terminationGracePeriodSeconds": 5,
        "nodeSelector": settings.node_selector,
        "tolerations": settings.tolerations,
        **({"priorityClassName": settings.priority_class} if settings.priority_class else {}),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": NOBODY,
            "runAsGroup": NOBODY,
            "fsGroup": NOBODY,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(metadata, spec, settings)],
        "volumes": [
            {"name": "inputs", "projected": {"defaultMode": 0o440, "sources": _inputs(spec)}},
            {"name": "tmp", "emptyDir": {"sizeLimit": TMP_SIZE_LIMIT}},
        ],
    }


def _container(metadata: Manifest, spec: BatterySimulationSpec, settings: RunnerSettings) -> dict[str, Any]:
    return {
        "name": names.RUNNER_CONTAINER,
        "image": settings.image,
        "imagePullPolicy": settings.image_pull_policy,
        "env": [
            # The last of two variables of one name counts.
            *settings.extra_env,
            {"name": "BATTERYSIM_NAMESPACE", "value": metadata["namespace"]},
            {"name": "BATTERYSIM_NAME", "value": metadata["name"]},
            {"name": "BATTERYSIM_BRIDGE_URL", "value": settings.bridge_url},
            # Not as a ConfigMap: there is none in the simulation's namespace, and everyone may know it.
            *([{"name": "BATTERYSIM_BRIDGE_CA", "value": settings.bridge_ca}] if settings.bridge_ca else []),
            {"name": "BATTERYSIM_IMAGE", "value": settings.image},
            {
                "name": "BATTERYSIM_POD_NAME",
                "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}},
            },
        ],
        "resources": merge_resources(settings.resources, spec.run.resources),
        "securityContext": CONTAINER_SECURITY,
        # The end of the log, of a runner that leaves no message because it was killed.
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            {"name": "inputs", "mountPath": names.RUNNER_INPUT_DIR, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - an emptyDir of this pod alone
        ],
    }


def _inputs(spec: BatterySimulationSpec) -> list[dict[str, Any]]:
    """Return the pod's inputs: a token that is good for the bridge only, the spec, and what it refers to."""
    return [
        {
            "serviceAccountToken": {
                "audience": names.TOKEN_AUDIENCE,
                "expirationSeconds": TOKEN_EXPIRATION_SECONDS,
                "path": names.RUNNER_TOKEN_FILE,
            }
        },
        {
            "downwardAPI": {
                "items": [
                    {
                        "path": names.RUNNER_SPEC_FILE,
                        "fieldRef": {"fieldPath": f"metadata.annotations['{names.ANNOTATION_SPEC}']"},
                    }
                ]
            }
        },
        # Optional, so that the runner can say what is missing; the kubelet would wait for it without a word.
        *(
            {
                "configMap": {
                    "name": reference.name,
                    "optional": True,
                    "items": [{"key": reference.key, "path": reference.file}],
                }
            }
            for reference in references(spec.physics())
        ),
    ]


def merge_resources(defaults: dict[str, dict[str, str]], wanted: Resources) -> dict[str, dict[str, str]]:
    """Lay a simulation's resources over the operator's defaults, amount by amount.

    >>> from batterysim.spec.run_policy import Resources
    >>> merge_resources({"requests": {"cpu": "200m", "memory": "384Mi"}},
    ...     Resources.model_validate({"requests": {"cpu": 2}}))
    {'requests': {'cpu': '2', 'memory': '384Mi'}, 'limits': {}}
    """
    return {
        kind: {**defaults.get(kind, {}), **getattr(wanted, kind).model_dump(exclude_none=True)}
        for kind in ("requests", "limits")
    }
