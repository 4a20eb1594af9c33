"""From a Job and its pods to how the run is: waiting, running, failed and why. Pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from batterysim.failure import FINAL_EXIT_CODES, FailureReason, TerminationMessage, shorten
from batterysim.names import RUNNER_CONTAINER
from batterysim.status import Failure
from batterysim_operator.reconcile.observation import Manifest, find_condition, is_true

RESULT_GRACE = timedelta(seconds=30)
"""How long after a Job's success its result may still appear in status."""

POD_GRACE = timedelta(seconds=10)
"""How long a Job may do without a pod before it is worth telling."""

KILLED_EXIT_CODE = 137
STARTING = "the pod is being started"
STORING = "the result is being stored"


@dataclass(frozen=True)
class Diagnosis:
    """How a run is. With `failure` it is over; otherwise `reason` and `message` say what it waits for."""

    running: bool
    reason: str
    message: str
    failure: Failure | None = None
    look_again_seconds: float | None = None


def diagnose(job: Manifest, pods: Sequence[Manifest], now: datetime) -> Diagnosis:
    """Return how the run is, from the Job and its pods, oldest first."""
    pods = sorted(pods, key=lambda pod: pod["metadata"]["creationTimestamp"])
    final = next((failure for pod in pods if (failure := _final_failure(pod)) is not None), None)
    if final is not None:
        return _failed(final)
    conditions = job.get("status", {}).get("conditions")
    for kind in ("Failed", "FailureTarget"):
        condition = find_condition(conditions, kind)
        if condition is not None and condition["status"] == "True":
            return _failed(_job_failure(condition, pods))
    if is_true(conditions, "Complete"):
        return _complete(job, now)
    if not pods:
        return _without_pod(job, now)
    return _under_way(pods)


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
    """Return why a pod ended, when another try of the same spec would end the same way."""
    if is_true(pod.get("status", {}).get("conditions"), "DisruptionTarget"):
        return None
    terminated = _terminated(pod)
    if terminated is None:
        return None
    is_final = terminated["exitCode"] in (*FINAL_EXIT_CODES, KILLED_EXIT_CODE)
    return _pod_failure(terminated) if is_final else None


def _pod_failure(terminated: dict[str, Any]) -> Failure:
    if terminated["exitCode"] == KILLED_EXIT_CODE:
        # Not by a deletion, which a runner does not wait to be killed for; the kubelet does not always
        # notice that it was the lack of memory.
        noticed = "" if terminated.get("reason") == "OOMKilled" else ", most likely"
        return Failure(
            reason=FailureReason.OUT_OF_MEMORY,
            message=f"the runner was killed{noticed} because it needed more memory than it may use: "
            "raise spec.run.resources.limits.memory",
        )
    try:
        last_words = TerminationMessage.model_validate_json(terminated.get("message") or "")
    except (ValidationError, json.JSONDecodeError):
        return Failure(
            reason=FailureReason.RUNNER_CRASHED,
            message=f"the runner ended with exit code {terminated['exitCode']} "
            f"({terminated.get('reason', 'no reason')}) and left no word; see the pod's log",
        )
    return Failure(reason=last_words.reason, message=last_words.message)


def _job_failure(condition: Manifest, pods: Sequence[Manifest]) -> Failure:
    """Explain a Job that Kubernetes has given up on."""
    if condition.get("reason") == "DeadlineExceeded":
        waiting = next(_complaints(pods), None)
        return Failure(
            reason=FailureReason.DEADLINE_EXCEEDED,
            message=shorten(
                "the run took longer than spec.run.deadlineSeconds: raise it, or make the run shorter"
                + (f" (at the end it was waiting: {waiting[1]})" if waiting else "")
            ),
        )
    for pod in reversed(pods):
        if (terminated := _terminated(pod)) is not None and terminated["exitCode"] != 0:
            last = _pod_failure(terminated)
            return Failure(reason=last.reason, message=f"{last.message} (last of {len(pods)} tries)")
    return Failure(
        reason=FailureReason.RUNNER_CRASHED,
        message=shorten(f"the Job failed: {condition.get('message') or condition.get('reason')}"),
    )


def _complete(job: Manifest, now: datetime) -> Diagnosis:
    """Judge a Job that has ended well although its result is not in status."""
    ended = datetime.fromisoformat(job["status"]["completionTime"])
    if now - ended < RESULT_GRACE:
        return Diagnosis(True, "StoringResult", STORING, look_again_seconds=RESULT_GRACE.total_seconds())
    return _failed(
        Failure(
            reason=FailureReason.RESULT_MISSING,
            message="the Job ended well, but no result arrived; see the logs of the bridge and the pod, "
            "then create the simulation again",
        )
    )


def _without_pod(job: Manifest, now: datetime) -> Diagnosis:
    """Judge a Job that has no pod, for a moment or because a quota or policy refuses it."""
    created = datetime.fromisoformat(job["metadata"]["creationTimestamp"])
    if now - created < POD_GRACE:
        return Diagnosis(False, "Starting", STARTING, look_again_seconds=POD_GRACE.total_seconds())
    name = job["metadata"]["name"]
    return Diagnosis(False, "NoPod", f"the Job has no pod; see why with: kubectl describe job {name}")


def _under_way(pods: Sequence[Manifest]) -> Diagnosis:
    live = [pod for pod in pods if pod.get("status", {}).get("phase") in ("Pending", "Running")]
    if any(pod["status"]["phase"] == "Running" for pod in live):
        return Diagnosis(True, "Running", "the runner is at work")
    for reason, message in _complaints(live):
        return Diagnosis(False, reason, message)
    if any(pod.get("status", {}).get("phase") == "Succeeded" for pod in pods):
        return Diagnosis(True, "StoringResult", STORING)
    failed = [pod for pod in pods if pod.get("status", {}).get("phase") == "Failed"]
    if failed and not live:
        return Diagnosis(False, "Retrying", f"try {len(failed)} failed, another one follows")
    return Diagnosis(False, "Starting", STARTING)


def _complaints(pods: Sequence[Manifest]) -> Iterator[tuple[str, str]]:
    """Yield what keeps pods from starting, as reason and message."""
    for pod in pods:
        status = pod.get("status", {})
        scheduled = find_condition(status.get("conditions"), "PodScheduled")
        if scheduled is not None and scheduled["status"] == "False":
            yield "Unschedulable", f"no node has room yet: {shorten(scheduled.get('message', ''))}"
        for container in status.get("containerStatuses") or ():
            waiting = container.get("state", {}).get("waiting") or {}
            if waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing"):
                yield waiting["reason"], shorten(waiting.get("message") or waiting["reason"])
