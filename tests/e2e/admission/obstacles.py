"""What keeps a run from starting: how it is put in its way, what is said about it, and what is advised."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from devtools.kube import Kube, Manifest
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from tests.e2e.admission.mutating_webhook import NO_IMAGE, MutatingWebhook

PREFIX = "batterysim-e2e-"
_POD = {
    "restartPolicy": "Never",
    "containers": [{"name": "c", "image": "c:1", "resources": {"requests": {"cpu": "200m"}}}],
}
JOB = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "a"},
    "spec": {"template": {"spec": _POD}},
}
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": _POD}
Put = Callable[[Kube, MutatingWebhook], None]


class Obstacle(NamedTuple):
    """In the namespace of a run.

    put: puts it there.
    probe, sign: an object, and what the answer to its creation then has. None: nothing is put there.
    reason, said, remedy: of the condition Succeeded, and parts of its message.
    run: spec.run.
    """

    put: Put
    reason: str
    said: str
    remedy: str
    probe: Manifest | None = None
    sign: str = ""
    run: dict[str, Any] = {}  # noqa: RUF012 - never changed

    def is_there(self, lab: Kube) -> bool:
        """Tell whether the API server knows it."""
        return self.probe is None or self.sign in _answer(lab, self.probe)


def _answer(lab: Kube, manifest: Manifest) -> str:
    """Return what the API server says to the creation of an object, or makes of it. Nothing is created."""
    create = lab.batch.create_namespaced_job if manifest is JOB else lab.core.create_namespaced_pod
    try:
        made = create(lab.namespace, manifest, dry_run="All")
    except ApiException as error:
        return str(error.body)
    return json.dumps(client.ApiClient().sanitize_for_serialization(made))


def _quota(what: str) -> Put:
    def put(lab: Kube, _webhook: MutatingWebhook) -> None:
        lab.core.create_namespaced_resource_quota(
            lab.namespace, {"metadata": {"name": "none"}, "spec": {"hard": {what: "0"}}}
        )

    return put


def _small_limits(lab: Kube, _webhook: MutatingWebhook) -> None:
    limit = {"type": "Container", "max": {"cpu": "100m", "memory": "64Mi"}}
    lab.core.create_namespaced_limit_range(
        lab.namespace, {"metadata": {"name": "small"}, "spec": {"limits": [limit]}}
    )


def _here(lab: Kube) -> dict[str, Any]:
    return {"matchLabels": {"kubernetes.io/metadata.name": lab.namespace}}


def _creation_of(group: str, plural: str) -> dict[str, Any]:
    return {"apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": [plural]}


JOBS, PODS = _creation_of("batch", "jobs"), _creation_of("", "pods")


def _policy(reason: str) -> Put:
    def put(lab: Kube, _webhook: MutatingWebhook) -> None:
        """A rule that no Job of ours can keep."""
        api, name = client.AdmissionregistrationV1Api(), lab.namespace
        rule = {
            "expression": "has(object.metadata.labels) && 'team' in object.metadata.labels",
            "message": "every Job here needs the label 'team'",
            "reason": reason,
        }
        constraints = {"namespaceSelector": _here(lab), "resourceRules": [JOBS]}
        api.create_validating_admission_policy(
            {"metadata": {"name": name}, "spec": {"matchConstraints": constraints, "validations": [rule]}}
        )
        api.create_validating_admission_policy_binding(
            {"metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}}
        )

    return put


def _webhook_that_is_down(lab: Kube, _webhook: MutatingWebhook) -> None:
    nobody = {"service": {"namespace": lab.namespace, "name": "nobody"}}
    hook = _hook(lab, "down.example.org", JOBS, nobody)
    client.AdmissionregistrationV1Api().create_validating_webhook_configuration(
        {"metadata": {"name": lab.namespace}, "webhooks": [hook]}
    )


def changed_by_webhook(path: str, rule: dict[str, Any]) -> Put:
    """Return what has the webhook do this to Jobs or pods."""

    def put(lab: Kube, webhook: MutatingWebhook) -> None:
        hook = _hook(lab, "changes.example.org", rule, webhook.client_config(path))
        client.AdmissionregistrationV1Api().create_mutating_webhook_configuration(
            {"metadata": {"name": lab.namespace}, "webhooks": [hook]}
        )

    return put


def _hook(lab: Kube, name: str, rule: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": 5,
        "namespaceSelector": _here(lab),
        "rules": [rule],
        "clientConfig": config,
    }


def _nothing(_lab: Kube, _webhook: MutatingWebhook) -> None:
    pass


def remove_obstacle(lab: Kube) -> None:
    """Take away all that these functions put into a namespace, and around it."""
    for kind in ("resource_quota", "limit_range"):
        getattr(lab.core, f"delete_collection_namespaced_{kind}")(lab.namespace)
    api = client.AdmissionregistrationV1Api()
    for kind in (
        "validating_admission_policy_binding",
        "validating_admission_policy",
        "validating_webhook_configuration",
        "mutating_webhook_configuration",
    ):
        with suppress(ApiException):
            getattr(api, f"delete_{kind}")(lab.namespace)


_QUOTA = ("exceeded quota: none", "wait until other runs have ended, or raise ResourceQuota none")
_LABEL = (
    "every Job here needs the label 'team'",
    "change the simulation or the chart's values runner.podTemplate and runner.copiedPrefixes",
)
OBSTACLES = {
    "quota on Jobs": Obstacle(_quota("count/jobs.batch"), "JobNotAdmitted", *_QUOTA, JOB, _QUOTA[0]),
    "quota on pods": Obstacle(_quota("pods"), "PodNotAdmitted", *_QUOTA, POD, _QUOTA[0]),
    "LimitRange": Obstacle(
        _small_limits,
        "PodNotAdmitted",
        "must be less than or equal to cpu limit of 100m",
        "create a simulation whose spec.run.resources fit the LimitRange",
        POD,
        "must be less than or equal to cpu limit of 100m",
    ),
    "policy that forbids": Obstacle(_policy("Forbidden"), "JobNotAdmitted", *_LABEL, JOB, _LABEL[0]),
    "policy that finds it invalid": Obstacle(_policy("Invalid"), "JobNotAdmitted", *_LABEL, JOB, _LABEL[0]),
    "webhook that is down": Obstacle(
        _webhook_that_is_down,
        "JobNotAdmitted",
        "failed calling webhook",
        "restore the service of webhook down.example.org",
        JOB,
        "failed calling webhook",
    ),
    "image that cannot be pulled": Obstacle(
        changed_by_webhook("/image", PODS),
        "ErrImagePull",
        NO_IMAGE,
        "correct the chart's value runner.image",
        POD,
        NO_IMAGE,
    ),
    "image of an added init container": Obstacle(
        changed_by_webhook("/init-image", PODS),
        "ErrImagePull",
        "container 'mesh-init'",
        "correct its image there",
        POD,
        NO_IMAGE,
    ),
    "no room on any node": Obstacle(
        _nothing,
        "Unschedulable",
        "Insufficient cpu",
        "wait until other pods have ended, add a node",
        run={"resources": {"requests": {"cpu": "64"}}},
    ),
    "suspended Job": Obstacle(
        changed_by_webhook("/suspend", JOBS),
        "Suspended",
        "the Job is suspended",
        "wait for the queue, or kubectl patch job",
        JOB,
        '"suspend": true',
    ),
}
"""By the cause that docs/waiting.md has."""


def name_of(cause: str) -> str:
    """Return the name of a run for an obstacle."""
    return cause.lower().replace(" ", "-")


def lab_of(cause: str) -> Kube:
    """Return the namespace of an obstacle."""
    return Kube(PREFIX + name_of(cause))
