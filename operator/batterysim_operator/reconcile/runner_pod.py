"""The pods of runners of simulations and sweeps: restricted, and with a token for the bridge only."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from batterysim import names
from batterysim.spec.documents.contents import ContentReference
from batterysim.spec.run_policy import Resources
from batterysim_operator.reconcile.pod_template import CONTAINER_SECURITY, lay_under
from batterysim_operator.reconcile.runner_job import Marks
from batterysim_operator.reconcile.runner_settings import RunnerSettings

# The kubelet renews the token; a run's upload reads the newest.
TOKEN_EXPIRATION_SECONDS = 3600
TMP_SIZE_LIMIT = "2Gi"
"""For the result, which may have 1 GiB, and a checkpoint."""
NOBODY = 65532

NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


class RunnerPod(NamedTuple):
    """What a runner's pod is for.

    namespace, name: of the object.
    references: contents in ConfigMaps that it reads.
    command: None: the image's own.
    grace_seconds: how long it has to end when it is told to.
    """

    namespace: str
    name: str
    resources: Resources
    references: Sequence[ContentReference]
    command: Sequence[str] | None = None
    environment: Mapping[str, str] = NO_VARIABLES
    grace_seconds: int = 5


def template_of(
    pod: RunnerPod,
    settings: RunnerSettings,
    marks: Marks,
    spec: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the template of a Job's pods, which read `spec` from an annotation."""
    all_annotations = {**marks.annotations, names.ANNOTATION_SPEC: compact_json(spec)}
    wanted = {
        "metadata": {"labels": dict(marks.labels), "annotations": all_annotations},
        "spec": _pod_spec(pod, settings),
    }
    return lay_under(settings.pod_template, wanted)


def _pod_spec(pod: RunnerPod, settings: RunnerSettings) -> dict[str, Any]:
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        # As process 1 Python would not hear a SIGTERM while it solves, and be killed with the exit code of a
        # lack of memory; beside the pod's pause process it ends at once, and the Job tries again.
        "shareProcessNamespace": True,
        "terminationGracePeriodSeconds": pod.grace_seconds,
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
        "containers": [_container(pod, settings)],
        "volumes": [
            {"name": "inputs", "projected": {"defaultMode": 0o440, "sources": _inputs(pod.references)}},
            {"name": "tmp", "emptyDir": {"sizeLimit": TMP_SIZE_LIMIT}},
        ],
    }


def compact_json(value: object) -> str:
    """Return JSON without spaces."""
    return json.dumps(value, separators=(",", ":"))


def _container(pod: RunnerPod, settings: RunnerSettings) -> dict[str, Any]:
    return {
        "name": names.RUNNER_CONTAINER,
        "image": settings.image,
        "imagePullPolicy": settings.image_pull_policy,
        **({} if pod.command is None else {"command": list(pod.command)}),
        "env": [
            # The last of two variables of one name counts.
            *settings.extra_env,
            {"name": "BATTERYSIM_NAMESPACE", "value": pod.namespace},
            {"name": "BATTERYSIM_NAME", "value": pod.name},
            {"name": "BATTERYSIM_BRIDGE_URL", "value": settings.bridge_url},
            # Not as a ConfigMap: there is none in the object's namespace, and everyone may know it.
            *([{"name": "BATTERYSIM_BRIDGE_CA", "value": settings.bridge_ca}] if settings.bridge_ca else []),
            {"name": "BATTERYSIM_IMAGE", "value": settings.image},
            {
                "name": "BATTERYSIM_POD_NAME",
                "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}},
            },
            *({"name": name, "value": value} for name, value in pod.environment.items()),
        ],
        "resources": merge_resources(settings.resources, pod.resources),
        "securityContext": CONTAINER_SECURITY,
        # The end of the log, of a runner that leaves no message because it was killed.
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            {"name": "inputs", "mountPath": names.RUNNER_INPUT_DIR, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - an emptyDir of this pod alone
        ],
    }


def _inputs(references: Sequence[ContentReference]) -> list[dict[str, Any]]:
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
            for reference in references
        ),
    ]


def merge_resources(defaults: dict[str, dict[str, str]], wanted: Resources) -> dict[str, dict[str, str]]:
    """Lay an object's resources over the operator's defaults, amount by amount.

    >>> from batterysim.spec.run_policy import Resources
    >>> merge_resources({"requests": {"cpu": "200m", "memory": "384Mi"}},
    ...     Resources.model_validate({"requests": {"cpu": 2}}))
    {'requests': {'cpu': '2', 'memory': '384Mi'}, 'limits': {}}
    """
    return {
        kind: {**defaults.get(kind, {}), **getattr(wanted, kind).model_dump(exclude_none=True)}
        for kind in ("requests", "limits")
    }
