"""What to do about one simulation. Pure: the same observation gives the same decision."""

from dataclasses import dataclass
from typing import Any

from batterysim.failure import FailureReason, shorten
from batterysim.isolation import Way, way_to_run
from batterysim.names import job_name
from batterysim.problem import InvalidSpecError
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import BatterySimulationStatus, ConditionType, Failure, WaitReason
from batterysim_operator.reconcile import status
from batterysim_operator.reconcile.attempts import follow_attempts
from batterysim_operator.reconcile.diagnosis import STARTING, Diagnosis, diagnose
from batterysim_operator.reconcile.earlier import (
    earlier_name,
    look_again_seconds,
    never_from_earlier,
    wait_for_earlier,
)
from batterysim_operator.reconcile.job import build_job
from batterysim_operator.reconcile.job_changes import edit, tidy
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

REQUEUE_AFTER_CREATION_SECONDS = 10.0
"""A Job of the same name that is not ours makes no event that we watch, so look without one."""
PLACE_SECONDS = 30.0
"""So often the place of one that waits is looked at."""
QUIET_SECONDS = 1.0
"""For so long it is no news that a pod is being started. Most have begun by then, which saves a write."""


@dataclass(frozen=True)
class Decision:
    """What to do, in this order: edit the Job, apply the status, create the Job, tidy up, look again later.

    The status comes before the Job because it locks the physics of the spec: from then on the API server
    refuses changes that the Job would not know of. A Job is edited before the status says that the edit was
    observed, and is made to go only when its end is recorded: without either it would be created again.

    lost_pod: a pod whose node is gone, to be deleted so that the Job makes another one.
    """

    status: BatterySimulationStatus | None = None
    job: dict[str, Any] | None = None
    requeue_after_seconds: float | None = None
    job_edit: dict[str, Any] | None = None
    job_tidying: dict[str, Any] | None = None
    lost_pod: Manifest | None = None


def needs_verdict(seen: Observation) -> bool:
    """Tell whether the spec has to be checked before it can be decided what to do.

    An accepted spec is not judged by newer rules: its physics are locked, so nobody could correct it.
    """
    if _is_over(seen) or has_ended(seen.status):
        return False
    has_begun = seen.job is not None or "claim" in seen.status or "results" in seen.status
    return not (was_accepted(seen.status) and has_begun)


def reconcile(seen: Observation, settings: RunnerSettings) -> Decision:
    """Decide what to do about a simulation. `seen` has a verdict where `needs_verdict` says so."""
    if _is_over(seen):
        return Decision()
    if has_ended(seen.status):
        # Only how it is run can have changed since, which an ended run does not care about.
        return Decision(status.ended_before(seen))
    if isinstance(seen.verdict, InvalidSpecError):
        return Decision(status.invalid(seen, seen.verdict))
    if "results" in seen.status:
        return _end(seen, status.with_result(seen, seen.verdict))
    if seen.job is not None:
        return _follow(seen, seen.job, seen.verdict)
    return _attempt(seen) if seen.verdict is None else _begin(seen, seen.verdict, settings)


def _is_over(seen: Observation) -> bool:
    return "deletionTimestamp" in seen.simulation["metadata"] or is_settled(seen.simulation)


def _begin(seen: Observation, spec: BatterySimulationSpec, settings: RunnerSettings) -> Decision:
    """Decide about a simulation that has neither Job nor result."""
    if (name := earlier_name(seen.simulation["spec"])) is not None:
        if (never := never_from_earlier(name, spec, seen.simulation, seen.earlier)) is not None:
            # Not an end: nothing has begun, and the user can correct it.
            return Decision(status.not_acceptable(seen, never))
        if (waits := wait_for_earlier(name, seen.earlier, seen.circle)) is not None:
            again = look_again_seconds(seen.simulation, seen.now)
            return Decision(status.waiting_for_earlier(seen, spec, waits), requeue_after_seconds=again)
    way = way_of(seen.simulation, settings)
    if way.isolation == "Job" and seen.place:
        return Decision(status.queued(seen, spec), requeue_after_seconds=PLACE_SECONDS)
    if way.isolation == "Job":
        return _start(seen, spec, settings, way.reason)
    if way.isolation is None:
        return Decision(status.failed(seen, _not_shared(way.reason), spec, isolation="Process"))
    return _attempt(seen, spec)


def _attempt(seen: Observation, spec: BatterySimulationSpec | None = None) -> Decision:
    """Decide about a simulation on shared runners that has no result."""
    attempt = follow_attempts(seen)
    shown = status.attempted(seen, attempt, spec) if attempt.shown else None
    return Decision(shown, requeue_after_seconds=attempt.requeue_after_seconds)


def way_of(simulation: Manifest, settings: RunnerSettings) -> Way:
    """Return which way a simulation is run. Once it has been started, it stays with that."""
    status = simulation.get("status") or {}
    if "jobName" in status:
        return Way("Job")
    if "claim" in status:
        return Way("Process")
    has_shared_runners = simulation["metadata"]["namespace"] in settings.shared_namespaces
    return way_to_run(simulation["spec"], has_shared_runners=has_shared_runners)


def _start(
    seen: Observation, spec: BatterySimulationSpec, settings: RunnerSettings, not_shared: str
) -> Decision:
    """Decide about a simulation that is to have a Job.

    not_shared: why it gets one although it asks for a Process; else empty.
    """
    waited = seconds_since_start(seen)
    left = spec.run.deadline_seconds - waited
    if seen.refusal is not None:
        if seen.refusal.final:
            # Not an end: nothing has begun, and the user can correct it.
            return Decision(status.not_acceptable(seen, job_refused(seen.refusal)))
        if left <= 0:
            return Decision(status.failed(seen, never_admitted(seen.refusal, "run"), spec))
        said = waiting_for_admission(seen.refusal)
        waiting = Diagnosis(False, WaitReason.JOB_NOT_ADMITTED, said)
        return Decision(status.under_way(seen, waiting, spec), requeue_after_seconds=patience(waited))
    manifest = build_job(seen.simulation, spec, settings, seen.now, waited)
    before = find_condition(seen.status.get("conditions"), ConditionType.SUCCEEDED)
    if before is not None and before["reason"] == WaitReason.JOB_NOT_ADMITTED:
        # As it was, until the Job is there: it would only change to and fro.
        waiting = Diagnosis(False, WaitReason.JOB_NOT_ADMITTED, before.get("message", ""))
        return Decision(status.under_way(seen, waiting, spec), manifest, REQUEUE_AFTER_CREATION_SECONDS)
    return Decision(status.starting(seen, spec, not_shared), manifest, REQUEUE_AFTER_CREATION_SECONDS)


def _follow(seen: Observation, job: Manifest, spec: BatterySimulationSpec | None = None) -> Decision:
    """Decide about a simulation whose Job is there and whose result is not."""
    owners = job["metadata"].get("ownerReferences") or ()
    if not any(owner["uid"] == seen.uid for owner in owners):
        return Decision(status.failed(seen, name_conflict(job_name(seen.uid), "simulation"), spec))
    diagnosis = diagnose(seen, job)
    if diagnosis.failure is not None:
        return _end(seen, status.failed(seen, diagnosis.failure, spec))
    quiet = QUIET_SECONDS - seconds_since_start(seen)
    if quiet > 0 and diagnosis.message == STARTING and _is_starting(seen):
        return Decision(requeue_after_seconds=quiet)
    return Decision(
        status.under_way(seen, diagnosis, spec),
        requeue_after_seconds=diagnosis.requeue_after_seconds,
        job_edit=edit(seen.simulation, job),
        lost_pod=diagnosis.lost_pod,
    )


def _is_starting(seen: Observation) -> bool:
    before = find_condition(seen.status.get("conditions"), ConditionType.SUCCEEDED)
    return before is not None and before["reason"] == WaitReason.STARTING and "jobName" in seen.status


def _end(seen: Observation, end: BatterySimulationStatus) -> Decision:
    """Decide about a run that has come to its end."""
    tidying = None if seen.job is None else tidy(seen.simulation, seen.job, seen.now, end.phase)
    return Decision(end, job_tidying=tidying)


def _not_shared(reason: str) -> Failure:
    return Failure(
        reason=FailureReason.INVALID_SPEC,
        message=shorten(f"no shared runner can take it, and spec.run.isolationFallback is Fail: {reason}"),
    )
