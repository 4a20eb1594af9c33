"""What to do about one sweep. Pure: the same observation gives the same decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from batterysim.failure import FailureReason
from batterysim.names import sweep_job_name
from batterysim.problem import InvalidSpecError
from batterysim.status import ConditionType, Failure, WaitReason
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.status import BatterySweepStatus
from batterysim_operator.reconcile.decision import REQUEUE_AFTER_CREATION_SECONDS
from batterysim_operator.reconcile.diagnosis import GONE_AFTER, Diagnosis, diagnose, pods_of
from batterysim_operator.reconcile.observation import (
    Manifest,
    Observation,
    find_condition,
    has_ended,
    is_settled,
    seconds_since_start,
    was_accepted,
)
from batterysim_operator.reconcile.rejected_job import (
    job_refused,
    name_conflict,
    never_admitted,
    patience,
    waiting_for_admission,
)
from batterysim_operator.reconcile.runner_settings import RunnerSettings
from batterysim_operator.reconcile.sweep import status
from batterysim_operator.reconcile.sweep.job import build_sweep_job, edit_sweep_job, tidy_sweep_job

SweepVerdict = BatterySweepSpec | InvalidSpecError
LOOK_SECONDS = 30.0
"""Not every trouble of a pod, such as a lost node, changes the Job, whose changes are watched."""


@dataclass(frozen=True)
class SweepDecision:
    """What to do, in this order: edit the Job, apply the status, create the Job, tidy up, look again later.

    lost_pods: pods whose node is gone, to be deleted so that the Job makes others.
    """

    status: BatterySweepStatus | None = None
    job: dict[str, Any] | None = None
    requeue_after_seconds: float | None = None
    job_edit: dict[str, Any] | None = None
    job_tidying: dict[str, Any] | None = None
    lost_pods: Sequence[Manifest] = ()


def needs_verdict(seen: Observation) -> bool:
    """Tell whether the spec has to be checked before it can be decided what to do.

    An accepted spec is not judged by newer rules: it is locked, so nobody could correct it.
    """
    if _is_over(seen) or has_ended(seen.status):
        return False
    return not (was_accepted(seen.status) and (seen.job is not None or is_whole(seen.status)))


def is_whole(status: Mapping[str, Any]) -> bool:
    """Tell whether the bridge says that every shard has ended and is stored."""
    progress = status.get("progress") or {}
    shards = progress.get("shards", 0)
    return shards > 0 and progress.get("shardsDone", 0) >= shards and "results" in status


def reconcile_sweep(
    seen: Observation, verdict: SweepVerdict | None, settings: RunnerSettings
) -> SweepDecision:
    """Decide what to do about a sweep. There is a verdict where `needs_verdict` says so."""
    if _is_over(seen):
        return SweepDecision()
    if has_ended(seen.status):
        # Only how it is run can have changed since, which an ended sweep does not care about.
        return SweepDecision(status.ended_before(seen))
    if isinstance(verdict, InvalidSpecError):
        return SweepDecision(status.invalid(seen, verdict))
    if (failure := _too_many_failures(seen)) is not None:
        return _end(seen, status.failed(seen, failure, verdict), is_failure=True)
    if is_whole(seen.status):
        return _end(seen, status.succeeded(seen))
    return _go_on(seen, verdict, settings)


def _go_on(seen: Observation, spec: BatterySweepSpec | None, settings: RunnerSettings) -> SweepDecision:
    if seen.job is not None:
        return _follow(seen, seen.job, spec)
    assert spec is not None  # noqa: S101 - without a Job it is checked
    return _begin(seen, spec, settings)


def _is_over(seen: Observation) -> bool:
    return "deletionTimestamp" in seen.simulation["metadata"] or is_settled(seen.simulation)


def _too_many_failures(seen: Observation) -> Failure | None:
    most = (seen.simulation["spec"].get("run") or {}).get("maxFailedPoints")
    failed = (seen.status.get("progress") or {}).get("failed", 0)
    if most is None or failed <= most:
        return None
    message = f"{failed} points have failed, more than spec.run.maxFailedPoints = {most}"
    return Failure(reason=FailureReason.TOO_MANY_FAILED_POINTS, message=message)


def _begin(seen: Observation, spec: BatterySweepSpec, settings: RunnerSettings) -> SweepDecision:
    """Decide about a sweep that has no Job."""
    if seen.refusal is None:
        job = build_sweep_job(seen.simulation, spec, settings, seen.now)
        return SweepDecision(_before_creation(seen, spec), job, REQUEUE_AFTER_CREATION_SECONDS)
    if seen.refusal.final:
        # Not an end: nothing has begun, and the user can correct it.
        return SweepDecision(status.not_acceptable(seen, job_refused(seen.refusal)))
    waited = seconds_since_start(seen)
    if waited >= spec.run.deadline_seconds:
        return SweepDecision(status.failed(seen, never_admitted(seen.refusal, "sweep"), spec))
    said = waiting_for_admission(seen.refusal)
    waiting = status.under_way(seen, Diagnosis(False, WaitReason.JOB_NOT_ADMITTED, said), spec)
    pause = patience(waited)
    return SweepDecision(waiting, requeue_after_seconds=pause)


def _before_creation(seen: Observation, spec: BatterySweepSpec) -> BatterySweepStatus:
    before = find_condition(seen.status.get("conditions"), ConditionType.SUCCEEDED)
    if before is None or before["reason"] != WaitReason.JOB_NOT_ADMITTED:
        return status.starting(seen, spec)
    # As it was, until the Job is there: it would only change to and fro.
    return status.under_way(
        seen, Diagnosis(False, WaitReason.JOB_NOT_ADMITTED, before.get("message", "")), spec
    )


def _follow(seen: Observation, job: Manifest, spec: BatterySweepSpec | None) -> SweepDecision:
    """Decide about a sweep whose Job is there and whose table is not whole."""
    owners = job["metadata"].get("ownerReferences") or ()
    if not any(owner["uid"] == seen.uid for owner in owners):
        return SweepDecision(status.failed(seen, name_conflict(sweep_job_name(seen.uid), "sweep"), spec))
    change = edit_sweep_job(seen.simulation, job) if _is_edited(seen) else None
    diagnosis = _diagnose(seen, job)
    if diagnosis.failure is not None:
        return _end(seen, status.failed(seen, diagnosis.failure, spec), is_failure=True)
    again = diagnosis.requeue_after_seconds
    return SweepDecision(
        status.under_way(seen, diagnosis, spec),
        requeue_after_seconds=LOOK_SECONDS if again is None else min(again, LOOK_SECONDS),
        job_edit=change,
        lost_pods=lost_pods(pods_of(job, seen.pods), seen.now),
    )


def _diagnose(seen: Observation, job: Manifest) -> Diagnosis:
    found = diagnose(seen, job)
    is_held = bool((seen.simulation["spec"].get("run") or {}).get("suspend"))
    if found.reason != WaitReason.SUSPENDED or not is_held:
        return found
    return replace(found, message="spec.run.suspend is true; what is stored is kept")


def _is_edited(seen: Observation) -> bool:
    return bool(seen.status.get("observedGeneration") != seen.generation)


def lost_pods(pods: Sequence[Manifest], now: datetime) -> list[Manifest]:
    """Return the pods that should have ended long ago: their node is gone."""
    return [
        pod
        for pod in pods
        if "deletionTimestamp" in pod["metadata"]
        and pod.get("status", {}).get("phase") in ("Pending", "Running")
        and now - datetime.fromisoformat(pod["metadata"]["deletionTimestamp"]) > GONE_AFTER
    ]


def _end(seen: Observation, end: BatterySweepStatus, *, is_failure: bool = False) -> SweepDecision:
    """Decide about a sweep that has come to its end."""
    if seen.job is None:
        return SweepDecision(end)
    tidying = tidy_sweep_job(seen.simulation, seen.job, seen.now, is_failure=is_failure)
    return SweepDecision(end, job_tidying=tidying)
