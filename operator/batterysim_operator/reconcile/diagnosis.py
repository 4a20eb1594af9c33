"""From a Job and its pods to how the run is: waiting, running, failed and why. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from batterysim.failure import FINAL_EXIT_CODES, FailureReason, TerminationMessage, shorten
from batterysim.names import RUNNER_CONTAINER
from batterysim.status import AT_WORK, LOG_TAIL_MAX_LENGTH, ConditionType, Failure, WaitReason
from batterysim_operator.reconcile.observation import Manifest, Observation, find_condition, is_true
from batterysim_operator.reconcile.obstacles import not_admitted, obstacles_of, suspended

RESULT_GRACE = timedelta(seconds=30)
"""How long after a Job's success its result may still appear in status."""

POD_GRACE = timedelta(seconds=10)
"""How long a Job may do without a pod before it is worth telling."""

POD_SOON = timedelta(seconds=2)
"""When to look again for the pod of a new Job: an event, which nobody watches, may say why there is none."""

POD_ENDING = "PodEnding"
"""The reason of a run whose pod was told to end: what came before says why."""

LOST_AFTER = timedelta(seconds=120)
"""How long a node may fail to answer before it counts as lost."""

GONE_AFTER = timedelta(seconds=60)
"""How long after the end of its grace period a pod may still exist before its node counts as lost."""

OOM_KILLED = "OOMKilled"
"""What the kubelet calls a container that the kernel has killed for its memory."""

STARTING = "the pod is being started"
STORING = "the result is being stored"


@dataclass(frozen=True)
class Diagnosis:
    """How a run is. With `failure` it is over; otherwise `reason` and `message` say what it waits for."""

    running: bool
    reason: str
    message: str
    failure: Failure | None = None
    requeue_after_seconds: float | None = None
    lost_pod: Manifest | None = None
    """A pod that does not end, because its node is gone."""


def diagnose(seen: Observation, job: Manifest) -> Diagnosis:
    """Return how the run is, from its Job and the Job's pods."""
    pods = sorted(pods_of(job, seen.pods), key=lambda pod: pod["metadata"]["creationTimestamp"])
    now = seen.now
    final = next((failure for pod in pods if (failure := _final_failure(pod)) is not None), None)
    if final is not None:
        return _failed(final)
    conditions = job.get("status", {}).get("conditions")
    for kind in ("Failed", "FailureTarget"):
        condition = find_condition(conditions, kind)
        if condition is not None and condition["status"] == "True":
            return _failed(_job_failure(condition, pods, seen.status))
    if is_true(conditions, "Complete"):
        return _complete(job, now)
    if job.get("spec", {}).get("suspend"):
        return Diagnosis(False, WaitReason.SUSPENDED, suspended(job))
    if not pods:
        return _without_pod(job, now, seen.job_complaint)
    return _under_way(pods, now)


def pods_of(job: Manifest, pods: Sequence[Manifest]) -> list[Manifest]:
    """Return the pods whose controller is this very Job: a label or an earlier Job's pod says nothing."""
    uid = job["metadata"].get("uid")
    return [pod for pod in pods if uid in _controllers(pod)]


def _controllers(pod: Manifest) -> list[str]:
    owners = pod["metadata"].get("ownerReferences", ())
    return [owner["uid"] for owner in owners if owner.get("controller")]


def _failed(failure: Failure) -> Diagnosis:
    return Diagnosis(False, failure.reason, failure.message, failure)


def _terminated(pod: Manifest) -> dict[str, Any] | None:
    """Return how the runner's container ended, if it did."""
    for container in pod.get("status", {}).get("containerStatuses") or ():
        if container["name"] == RUNNER_CONTAINER:
            terminated: dict[str, Any] | None = container.get("state", {}).get("terminated")
            return terminated
    return None


def _final_failure(pod: Manifest) -> Failure | None:
    """Return why a pod ended, when another attempt at the same spec would end the same way."""
    if is_true(pod.get("status", {}).get("conditions"), "DisruptionTarget"):
        return None
    terminated = _terminated(pod)
    if terminated is None:
        return None
    is_final = terminated["exitCode"] in FINAL_EXIT_CODES or terminated.get("reason") == OOM_KILLED
    return _pod_failure(terminated) if is_final else None


def _pod_failure(terminated: dict[str, Any]) -> Failure:
    if terminated.get("reason") == OOM_KILLED:
        return Failure(
            reason=FailureReason.OUT_OF_MEMORY,
            message="the runner was killed because it needed more memory than it may use: "
            "raise spec.run.resources.limits.memory",
            log_tail=_log_tail(terminated),
        )
    try:
        last_words = TerminationMessage.model_validate_json(terminated.get("message") or "")
    except (ValidationError, json.JSONDecodeError):
        return Failure(
            reason=FailureReason.RUNNER_CRASHED,
            message=f"the runner ended with exit code {terminated['exitCode']} "
            f"({terminated.get('reason', 'no reason')}) and left no message; see the pod's log",
            log_tail=_log_tail(terminated),
        )
    if not isinstance(last_words.reason, FailureReason):  # of a runner that is newer than this operator
        message = shorten(f"{last_words.reason}: {last_words.message}")
        return Failure(reason=FailureReason.RUNNER_CRASHED, message=message)
    return Failure(reason=last_words.reason, message=last_words.message)


def _log_tail(terminated: dict[str, Any]) -> str | None:
    """Return the end of the log, which is what Kubernetes has of a container that left no word."""
    text = str(terminated.get("message") or "")
    return text[-LOG_TAIL_MAX_LENGTH:] or None


def _job_failure(condition: Manifest, pods: Sequence[Manifest], status: Mapping[str, Any]) -> Failure:
    """Explain a Job that Kubernetes has given up on."""
    if condition.get("reason") == "DeadlineExceeded":
        return Failure(reason=FailureReason.DEADLINE_EXCEEDED, message=shorten(_overdue(pods, status)))
    for pod in reversed(pods):
        if (terminated := _terminated(pod)) is not None and terminated["exitCode"] != 0:
            last = _pod_failure(terminated)
            message = f"{last.message} (last of {len(pods)} attempts)"
            return last.model_copy(update={"message": message})
    return Failure(
        reason=FailureReason.RUNNER_CRASHED,
        message=shorten(f"the Job failed: {condition.get('message') or condition.get('reason')}"),
    )


def _overdue(pods: Sequence[Manifest], status: Mapping[str, Any]) -> str:
    """Say what a run spent its time with; its pods may be gone, but the status knows what it waited for."""
    before = find_condition(status.get("conditions"), ConditionType.SUCCEEDED) or {}
    waiting = next((message for _, message in obstacles_of(pods)), None)
    no_causes = (None, *AT_WORK, POD_ENDING, FailureReason.DEADLINE_EXCEEDED)
    if waiting is None and before.get("reason") not in no_causes:
        waiting = f"{before['reason']}: {before.get('message', '')}"
    if "runnerStartedTime" in status.get("timeline", {}) or (waiting is None and status.get("progress")):
        return "the run took longer than spec.run.deadlineSeconds: raise it, or make the run shorter" + (
            f" (at the end it was waiting: {waiting})" if waiting else ""
        )
    if waiting is None:
        return "the run took longer than spec.run.deadlineSeconds: raise it, or make the run shorter"
    return f"the run did not begin within spec.run.deadlineSeconds. At the end it was waiting: {waiting}"


def _complete(job: Manifest, now: datetime) -> Diagnosis:
    """Judge a Job that has ended well although its result is not in status."""
    ended = datetime.fromisoformat(job["status"]["completionTime"])
    if now - ended < RESULT_GRACE:
        return Diagnosis(
            True, WaitReason.STORING_RESULT, STORING, requeue_after_seconds=RESULT_GRACE.total_seconds()
        )
    return _failed(
        Failure(
            reason=FailureReason.RESULT_MISSING,
            message="the Job succeeded, but no result arrived; see the logs of the bridge and the pod, "
            "then create the simulation again",
        )
    )


def _without_pod(job: Manifest, now: datetime, complaint: str | None) -> Diagnosis:
    """Judge a Job that has no pod, for a moment or because a quota or policy refuses it."""
    created = datetime.fromisoformat(job["metadata"]["creationTimestamp"])
    again = POD_GRACE.total_seconds()
    if complaint is not None:
        said = not_admitted(complaint)
        return Diagnosis(False, WaitReason.POD_NOT_ADMITTED, said, requeue_after_seconds=again)
    if now - created < POD_GRACE:
        soon = POD_SOON.total_seconds()
        return Diagnosis(False, WaitReason.STARTING, STARTING, requeue_after_seconds=soon)
    name = job["metadata"]["name"]
    return Diagnosis(
        False,
        WaitReason.NO_POD,
        f"the Job has no pod; see why with: kubectl describe job {name}",
        requeue_after_seconds=again,
    )


def _under_way(pods: Sequence[Manifest], now: datetime) -> Diagnosis:
    live = [pod for pod in pods if pod.get("status", {}).get("phase") in ("Pending", "Running")]
    staying = [pod for pod in live if "deletionTimestamp" not in pod["metadata"]]
    running = [pod for pod in staying if pod["status"]["phase"] == "Running"]
    if running:
        return _at_work(running[-1], now)
    for reason, message in obstacles_of(staying):
        return Diagnosis(False, reason, message)
    if live and not staying:
        return _ending(live[-1], now)
    if any(pod.get("status", {}).get("phase") == "Succeeded" for pod in pods):
        return Diagnosis(True, WaitReason.STORING_RESULT, STORING)
    failed = [pod for pod in pods if pod.get("status", {}).get("phase") == "Failed"]
    if failed and not live:
        return Diagnosis(False, WaitReason.RETRYING, f"attempt {len(failed)} failed, another one follows")
    return Diagnosis(False, WaitReason.STARTING, STARTING)


def _at_work(pod: Manifest, now: datetime) -> Diagnosis:
    """Judge a pod that was running when its node last answered."""
    unheard_since = _unheard_since(pod)
    if unheard_since is None:
        return Diagnosis(True, WaitReason.RUNNING, "the runner is working")
    silent = now - unheard_since
    if silent < LOST_AFTER:
        left = (LOST_AFTER - silent).total_seconds()
        return Diagnosis(True, WaitReason.RUNNING, "the runner is working", requeue_after_seconds=left)
    return Diagnosis(False, WaitReason.NODE_LOST, f"{_node(pod)} does not answer. {_what_to_do(pod)}")


def _unheard_since(pod: Manifest) -> datetime | None:
    """Return since when a pod's node has not answered; None: it answers.

    The node controller then sets the pod's condition Ready to False, and nothing else: ContainersReady stays
    True, and there is no reason. The kubelet always gives one, for example for a sidecar or a readiness gate.
    """
    conditions = pod.get("status", {}).get("conditions")
    ready = find_condition(conditions, "Ready")
    if ready is None or ready["status"] == "True" or ready.get("reason"):
        return None
    if not is_true(conditions, "ContainersReady") or "lastTransitionTime" not in ready:
        return None
    return datetime.fromisoformat(ready["lastTransitionTime"])


def _ending(pod: Manifest, now: datetime) -> Diagnosis:
    """Judge a pod that was told to end, after which the Job makes another one, unless its node is lost."""
    over = now - datetime.fromisoformat(pod["metadata"]["deletionTimestamp"])  # the grace period is in it
    if over > GONE_AFTER:
        message = f"{_node(pod)} does not answer, so its pod is deleted and the run starts elsewhere"
        again = GONE_AFTER.total_seconds()
        return Diagnosis(False, WaitReason.NODE_LOST, message, requeue_after_seconds=again, lost_pod=pod)
    left = max((GONE_AFTER - over).total_seconds(), 0.0) + 1.0
    # A pod that ends before it began, at the run's deadline for example, had something in its way.
    said = next(iter(obstacles_of([pod])), (POD_ENDING, "the pod is being terminated, another one follows"))
    return Diagnosis(False, *said, requeue_after_seconds=left)


def _node(pod: Manifest) -> str:
    return str(pod.get("spec", {}).get("nodeName", "its node"))


def _what_to_do(pod: Manifest) -> str:
    return (
        "Kubernetes gives it up after five minutes, and the run then starts elsewhere. If it is gone for "
        f"good, delete it, which is faster: kubectl delete node {_node(pod)}"
    )
