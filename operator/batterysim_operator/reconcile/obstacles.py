"""What keeps a run from starting, in the cluster's own words, and what can be done about it. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from batterysim.failure import MESSAGE_MAX_LENGTH, shorten
from batterysim.names import LABEL_KUEUE_QUEUE, LABEL_MANAGED_BY, MANAGED_BY, RUNNER_CONTAINER
from batterysim.status import WaitReason
from batterysim_operator.reconcile.observation import Manifest, find_condition

_POLICY = (
    "change the simulation or the chart's values runner.podTemplate and runner.copiedPrefixes as it asks, "
    f"or exempt what has the label {LABEL_MANAGED_BY}={MANAGED_BY}"
)
_ADMISSION: tuple[tuple[str, str], ...] = (
    (r"exceeded quota: ([^\s,]+)", "wait until other runs have ended, or raise ResourceQuota {0}"),
    (
        r"failed quota: ([^\s:]+): must specify",
        "set these resources in spec.run.resources of a new simulation, or for all in the chart's value "
        "runner.resources",
    ),
    (
        r"(?:must be less than or equal to \S+ limit of|(?:maximum|minimum) \S+ usage per \w+ is)",
        "create a simulation whose spec.run.resources fit the LimitRange, or change the LimitRange",
    ),
    (
        r"failed calling webhook \"([^\"]+)\"",
        "restore the service of webhook {0}; the run then starts by itself",
    ),
    (r"ValidatingAdmissionPolicy '[^']+'.* denied request", _POLICY),
    (r"admission webhook \"[^\"]+\" denied the request", _POLICY),
    (
        r"violates PodSecurity",
        "runners keep to the restricted profile, so correct the chart's value runner.podTemplate or the "
        "webhook that changes pods",
    ),
    (r"because it is being terminated", "create the simulation in another namespace"),
    (
        rf"User \"[^\"]*{MANAGED_BY}\" cannot create resource",
        "give the operator its rights back: helm upgrade",
    ),
)
"""Sentences of the API server about what it does not admit, and the remedy. The first that fits counts."""

_SCHEDULING: tuple[tuple[str, str], ...] = (
    (
        r"Insufficient",
        "wait until other pods have ended, add a node, or create a simulation with lower "
        "spec.run.resources.requests",
    ),
    (
        r"untolerated taint|didn't match Pod's node affinity/selector",
        "correct the chart's values runner.nodeSelector and runner.tolerations, or the nodes",
    ),
)
"""Sentences of the scheduler, and the remedy."""

_IMAGE = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "ImageInspectError",
        "InvalidImageName",
        "RegistryUnavailable",
    }
)
"""Reasons of the kubelet that are about an image."""


def not_admitted(words: str) -> str:
    """Return what the API server says against a Job or pod, with a remedy where one is known."""
    return _advised(words, _remedy(words, _ADMISSION))


def suspended(job: Manifest) -> str:
    """Return why a Job is suspended."""
    metadata = job["metadata"]
    queue = (metadata.get("labels") or {}).get(LABEL_KUEUE_QUEUE)
    if queue is not None:
        return (
            f"Kueue has not admitted the Job yet, in queue {queue!r}: see kubectl describe localqueue {queue}"
        )
    resume = f"""kubectl patch job {metadata["name"]} --patch '{{"spec":{{"suspend":false}}}}'"""
    return _advised(
        "the Job is suspended, by a queue such as Kueue or by hand", f"wait for the queue, or {resume}"
    )


def obstacles_of(pods: Sequence[Manifest]) -> Iterator[tuple[str, str]]:
    """Yield what keeps pods from starting, as reason and message."""
    for pod in pods:
        status = pod.get("status", {})
        scheduled = find_condition(status.get("conditions"), "PodScheduled")
        if scheduled is not None and scheduled["status"] == "False":
            yield _not_scheduled(scheduled)
        for container in chain(
            status.get("initContainerStatuses") or (), status.get("containerStatuses") or ()
        ):
            waiting = container.get("state", {}).get("waiting") or {}
            if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
                yield waiting["reason"], _not_started(pod, container["name"], waiting)


def _not_scheduled(scheduled: Manifest) -> tuple[str, str]:
    if scheduled.get("reason") == "SchedulingGated":
        return "SchedulingGated", "the pod is held back by a scheduling gate, such as a queue's"
    words = scheduled.get("message", "")
    return WaitReason.UNSCHEDULABLE, _advised(f"no node has room yet: {words}", _remedy(words, _SCHEDULING))


def _not_started(pod: Manifest, container: str, waiting: dict[str, Any]) -> str:
    """Return why a container does not start; one that is not the runner's was added by somebody else."""
    words = waiting.get("message") or waiting["reason"]
    reason = waiting["reason"]
    if container == RUNNER_CONTAINER:
        remedy = (
            "correct the chart's value runner.image, or let the nodes pull it" if reason in _IMAGE else ""
        )
        return _advised(words, remedy)
    said = (
        f"container {container!r}, which the chart's value runner.podTemplate or a webhook has added: {words}"
    )
    if reason in _IMAGE:
        return _advised(said, "correct its image there")
    if reason == "CrashLoopBackOff":
        return _advised(said, f"see kubectl logs {pod['metadata']['name']} --container {container}")
    return _advised(said, "")


def _remedy(words: str, rules: Sequence[tuple[str, str]]) -> str:
    for pattern, remedy in rules:
        if (found := re.search(pattern, words, re.DOTALL)) is not None:
            return remedy.format(*found.groups())
    return ""


def _advised(words: str, remedy: str) -> str:
    """Return a message that has the remedy, however long the words before it are."""
    if not remedy:
        return shorten(words)
    advice = f". Remedy: {remedy}"
    return shorten(words.rstrip(". "), MESSAGE_MAX_LENGTH - len(advice)) + advice
