"""The operator's part of the status, for each state that a simulation can be in. Pure.

Server-side apply takes what is absent as "no longer mine", so each function returns all of the
operator's fields, keeping from the status as it is what was decided before.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from batterysim import names
from batterysim.failure import FailureReason, shorten
from batterysim.names import job_name
from batterysim.problem import InvalidSpecError
from batterysim.results import is_of_failed_run
from batterysim.spec.protocol_text import describe_protocol
from batterysim.spec.run_policy import Isolation
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import (
    BatterySimulationStatus,
    Condition,
    ConditionType,
    Failure,
    Phase,
    Timeline,
    WaitReason,
)
from batterysim_operator.reconcile.attempts import Attempt
from batterysim_operator.reconcile.conditions import Truth, dated_condition
from batterysim_operator.reconcile.diagnosis import Diagnosis
from batterysim_operator.reconcile.observation import Manifest, Observation, find_condition

OPERATOR_FIELDS = (
    "observedGeneration",
    "phase",
    "protocol",
    "jobName",
    "isolation",
    "attempt",
    "failedAttempts",
    "queuePosition",
    "startTime",
    "completionTime",
    "failure",
)
OPERATOR_TIMES = ("acceptedTime", "jobCreatedTime", "succeededTime")
OPERATOR_CONDITIONS = (
    ConditionType.ACCEPTED,
    ConditionType.SUCCEEDED,
    ConditionType.FINISHED,
    ConditionType.RECONCILING,
    ConditionType.STALLED,
)


def invalid(seen: Observation, error: InvalidSpecError) -> BatterySimulationStatus:
    """Return the status of a spec that cannot be run."""
    status = not_acceptable(seen, Failure(reason=error.reason, message=shorten(str(error))))
    # Keeps the physics locked while the Job solves it.
    return status.model_copy(update={"job_name": seen.status.get("jobName")})


def not_acceptable(seen: Observation, failure: Failure) -> BatterySimulationStatus:
    """Return the status of a simulation that has not begun, and cannot before its spec is corrected."""
    said: tuple[Truth, str, str] = ("False", failure.reason, failure.message)
    return BatterySimulationStatus(
        observed_generation=seen.generation,
        phase=Phase.INVALID,
        conditions=[_condition(seen, ConditionType.ACCEPTED, *said), *_course(seen, said)],
        failure=failure,
        completion_time=seen.now,
    )


def starting(seen: Observation, spec: BatterySimulationSpec, not_shared: str = "") -> BatterySimulationStatus:
    """Return the status of a simulation whose Job is about to be created.

    not_shared: why it gets one although it asks for a Process; else empty.
    """
    because = f", because no shared runner can take it: {not_shared}" if not_shared else ""
    said = f"the Job is being created{because}"
    return _accepted(seen, spec, Phase.PENDING, ("Unknown", WaitReason.STARTING, said))


def queued(seen: Observation, spec: BatterySimulationSpec) -> BatterySimulationStatus:
    """Return the status of a simulation that waits until it may have a Job.

    Of a long queue, every place changes with each one that starts. It is written down when it has halved.
    """
    before = seen.status.get("queuePosition")
    place = before if before is not None and before / 2 < seen.place <= before else seen.place
    message = f"as many simulations run as may, and {place} are served until it is this one's turn"
    status = _accepted(seen, spec, Phase.QUEUED, ("Unknown", WaitReason.QUEUED, message))
    waits = {"job_name": None, "start_time": None, "attempt": None, "queue_position": place}
    return status.model_copy(update=waits)


def waiting_for_earlier(
    seen: Observation, spec: BatterySimulationSpec, message: str
) -> BatterySimulationStatus:
    """Return the status of a simulation whose start is the end of another one that has not ended."""
    said: tuple[Truth, str, str] = ("Unknown", WaitReason.WAITING_FOR_RESULT, message)
    status = _accepted(seen, spec, Phase.QUEUED, said)
    return status.model_copy(update={"job_name": None, "start_time": None, "attempt": None})


def attempted(
    seen: Observation, attempt: Attempt, spec: BatterySimulationSpec | None = None
) -> BatterySimulationStatus:
    """Return the status of a simulation on shared runners that has no result.

    spec: None where the status says already what the protocol is.
    """
    truth: Truth = "Unknown" if attempt.failure is None else "False"
    said = (truth, attempt.reason, attempt.message)
    status = _accepted(seen, spec, attempt.phase, said, isolation="Process")
    counts = {"attempt": attempt.number, "failed_attempts": attempt.failed or None}
    return status.model_copy(update={**counts, "failure": attempt.failure})


def under_way(
    seen: Observation, diagnosis: Diagnosis, spec: BatterySimulationSpec | None = None
) -> BatterySimulationStatus:
    """Return the status of a simulation that has not ended.

    spec: None where the status says already what the protocol is.
    """
    phase = Phase.RUNNING if diagnosis.running else Phase.PENDING
    return _accepted(seen, spec, phase, ("Unknown", diagnosis.reason, diagnosis.message))


def with_result(seen: Observation, spec: BatterySimulationSpec | None = None) -> BatterySimulationStatus:
    """Return the status of a simulation whose result is stored: the whole of it, or the part before the
    solver failed."""
    summary = seen.status.get("summary", {})
    end_reason = summary.get("endReason", "")
    isolation: Isolation = "Process" if "claim" in seen.status else "Job"
    if is_of_failed_run(seen.status):
        message = summary.get("failureMessage", "the equations could not be solved any further")
        return failed(seen, Failure(reason=FailureReason.SOLVER_FAILED, message=message), spec, isolation)
    message = f"the result is stored ({end_reason})"
    return _accepted(seen, spec, Phase.SUCCEEDED, ("True", "ResultStored", message), isolation)


def failed(
    seen: Observation,
    failure: Failure,
    spec: BatterySimulationSpec | None = None,
    isolation: Isolation = "Job",
) -> BatterySimulationStatus:
    """Return the status of a simulation that will have no result, or no more of it than is stored."""
    status = _accepted(seen, spec, Phase.FAILED, ("False", failure.reason, failure.message), isolation)
    return status.model_copy(update={"failure": failure})


def ended_before(seen: Observation) -> BatterySimulationStatus:
    """Return the same end again, for a newer generation of the spec."""
    part = _operator_part(seen.status)
    conditions = [
        {**condition, "observedGeneration": seen.generation}
        for condition in part["conditions"]
        if condition is not None
    ]
    return BatterySimulationStatus.model_validate(
        {
            **part["fields"],
            "observedGeneration": seen.generation,
            "conditions": conditions,
            "timeline": part["times"],
        }
    )


def differs(status: BatterySimulationStatus, current: Mapping[str, Any]) -> bool:
    """Tell whether applying a status would change the operator's part of the current one."""
    wanted = status.to_json_dict()
    return _operator_part(wanted) != _operator_part(current)


def _operator_part(status: Mapping[str, Any]) -> dict[str, Any]:
    timeline = status.get("timeline", {})
    return {
        "fields": {name: status.get(name) for name in OPERATOR_FIELDS},
        "times": {name: timeline.get(name) for name in OPERATOR_TIMES},
        "conditions": [find_condition(status.get("conditions"), kind) for kind in OPERATOR_CONDITIONS],
    }


def _accepted(
    seen: Observation,
    spec: BatterySimulationSpec | None,
    phase: Phase,
    said: tuple[Truth, str, str],
    isolation: Isolation = "Job",
) -> BatterySimulationStatus:
    """Return what the status of an accepted simulation always has.

    said: truth, reason and message of the condition Succeeded.
    """
    timeline = seen.status.get("timeline", {})
    claim = seen.status.get("claim", {})
    truth = said[0]
    ended = truth != "Unknown"
    is_shared = isolation == "Process"
    return BatterySimulationStatus(
        observed_generation=seen.generation,
        phase=phase,
        protocol=seen.status.get("protocol") if spec is None else describe_protocol(spec),
        conditions=[
            _condition(seen, ConditionType.ACCEPTED, "True", "Valid", "the spec can be run"),
            *_course(seen, said),
        ],
        job_name=None if is_shared else job_name(seen.uid),
        isolation=isolation,
        attempt=max(seen.status.get("attempt", 1), _pods_so_far(seen.job), claim.get("attempt", 1)),
        failed_attempts=seen.status.get("failedAttempts"),
        start_time=_known(seen.status, "startTime") or _known(claim, "claimedTime") or seen.now,
        completion_time=(_known(seen.status, "completionTime") or seen.now) if ended else None,
        timeline=Timeline(
            accepted_time=_known(timeline, "acceptedTime") or seen.now,
            job_created_time=_known(timeline, "jobCreatedTime") or _created(seen),
            succeeded_time=(_known(timeline, "succeededTime") or seen.now) if truth == "True" else None,
        ),
    )


def _course(seen: Observation, said: tuple[Truth, str, str]) -> list[Condition]:
    """Return the conditions that say how far a simulation is, for people, kubectl and kstatus.

    said: truth, reason and message of the condition Succeeded.
    """
    # A success has its reason in the result: which cut-off or duration it was.
    why = (said[0] == "True" and seen.status.get("summary", {}).get("endReason")) or said[1]
    truth = said[0]
    ended = truth != "Unknown"
    return [
        _condition(seen, ConditionType.SUCCEEDED, *said),
        _condition(seen, ConditionType.FINISHED, "True" if ended else "False", why, ""),
        _condition(seen, ConditionType.RECONCILING, "False" if ended else "True", why, ""),
        _condition(seen, ConditionType.STALLED, "True" if truth == "False" else "False", why, ""),
    ]


def _created(seen: Observation) -> datetime | None:
    """Return when the Job was created; one of an earlier version says it to the second."""
    if seen.job is None:
        return None
    metadata = seen.job["metadata"]
    created = metadata.get("annotations", {}).get(names.ANNOTATION_CREATED, metadata.get("creationTimestamp"))
    return seen.now if created is None else datetime.fromisoformat(created)


def _pods_so_far(job: Manifest | None) -> int:
    """Return how many pods a Job has started. Evicted ones are in none of its counts."""
    counts = {} if job is None else job.get("status", {})
    return sum(counts.get(name, 0) for name in ("active", "succeeded", "failed"))


def _known(times: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(times[name]) if name in times else None


def _condition(seen: Observation, kind: ConditionType, truth: Truth, reason: str, message: str) -> Condition:
    return dated_condition(seen.simulation, seen.now, kind, truth, reason, message)
