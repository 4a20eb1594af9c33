"""The operator's part of a sweep's status, for each state that it can be in. Pure.

The bridge writes how far it is: progress, failures, the best points and where the table is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from batterysim.failure import shorten
from batterysim.names import sweep_job_name
from batterysim.problem import InvalidSpecError
from batterysim.status import Condition, ConditionType, Failure, WaitReason
from batterysim.sweep.points import count_points
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.status import BatterySweepStatus, SweepDesign, SweepPhase
from batterysim_operator.reconcile.conditions import Truth, dated_condition
from batterysim_operator.reconcile.diagnosis import Diagnosis
from batterysim_operator.reconcile.observation import Observation, find_condition

FIELDS = ("observedGeneration", "phase", "jobName", "startTime", "completionTime", "failure")
CONDITIONS = (
    ConditionType.ACCEPTED,
    ConditionType.SUCCEEDED,
    ConditionType.FINISHED,
    ConditionType.SUSPENDED,
    ConditionType.RECONCILING,
    ConditionType.STALLED,
)

Said = tuple[Truth, str, str]
"""Truth, reason and message of the condition Succeeded."""


def invalid(seen: Observation, error: InvalidSpecError) -> BatterySweepStatus:
    """Return the status of a spec that cannot be run."""
    return not_acceptable(seen, Failure(reason=error.reason, message=shorten(str(error))))


def not_acceptable(seen: Observation, failure: Failure) -> BatterySweepStatus:
    """Return the status of a sweep that has not begun, and cannot before its spec is corrected."""
    said: Said = ("False", failure.reason, failure.message)
    return BatterySweepStatus(
        observed_generation=seen.generation,
        phase=SweepPhase.INVALID,
        conditions=[_condition(seen, ConditionType.ACCEPTED, *said), *_course(seen, said)],
        # Keeps the spec locked while the Job solves it.
        job_name=seen.status.get("jobName"),
        failure=failure,
        completion_time=seen.now,
    )


def starting(seen: Observation, spec: BatterySweepSpec) -> BatterySweepStatus:
    """Return the status of a sweep whose Job is about to be created."""
    said: Said = ("Unknown", WaitReason.STARTING, "the Job is being created")
    return _accepted(seen, spec, SweepPhase.PENDING, said)


def under_way(
    seen: Observation, diagnosis: Diagnosis, spec: BatterySweepSpec | None = None
) -> BatterySweepStatus:
    """Return the status of a sweep that has not ended. spec: None where its points are counted already."""
    if diagnosis.reason == WaitReason.SUSPENDED:
        phase = SweepPhase.SUSPENDED
    else:
        phase = SweepPhase.RUNNING if diagnosis.running else SweepPhase.PENDING
    return _accepted(seen, spec, phase, ("Unknown", diagnosis.reason, diagnosis.message))


def succeeded(seen: Observation) -> BatterySweepStatus:
    """Return the status of a sweep whose table is whole."""
    progress = seen.status["progress"]
    failed = progress.get("failed", 0)
    message = f"all {progress['points']} points have ended, and {failed} of them have failed"
    return _accepted(seen, None, SweepPhase.SUCCEEDED, ("True", "TableStored", message))


def failed(seen: Observation, failure: Failure, spec: BatterySweepSpec | None = None) -> BatterySweepStatus:
    """Return the status of a sweep whose table will not be whole."""
    status = _accepted(seen, spec, SweepPhase.FAILED, ("False", failure.reason, failure.message))
    return status.model_copy(update={"failure": failure})


def ended_before(seen: Observation) -> BatterySweepStatus:
    """Return the same end again, for a newer generation of the spec."""
    part = _operator_part(seen.status)
    conditions = [
        {**condition, "observedGeneration": seen.generation}
        for condition in part["conditions"]
        if condition is not None
    ]
    fields = {**part["fields"], "observedGeneration": seen.generation, "conditions": conditions}
    return BatterySweepStatus.model_validate(fields).model_copy(update={"design": _design(seen, None)})


def differs(status: BatterySweepStatus, current: Mapping[str, Any]) -> bool:
    """Tell whether applying a status would change the operator's part of the current one."""
    return _operator_part(status.to_json_dict()) != _operator_part(current)


def _operator_part(status: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "fields": {name: status.get(name) for name in FIELDS},
        "points": (status.get("design") or {}).get("points"),
        "conditions": [find_condition(status.get("conditions"), kind) for kind in CONDITIONS],
    }


def _accepted(
    seen: Observation, spec: BatterySweepSpec | None, phase: SweepPhase, said: Said
) -> BatterySweepStatus:
    """Return what the status of an accepted sweep always has."""
    ended = said[0] != "Unknown"
    return BatterySweepStatus(
        observed_generation=seen.generation,
        phase=phase,
        conditions=[
            _condition(seen, ConditionType.ACCEPTED, "True", "Valid", "the spec can be run"),
            *_course(seen, said),
        ],
        job_name=sweep_job_name(seen.uid),
        start_time=_time(seen, "startTime") or seen.now,
        completion_time=(_time(seen, "completionTime") or seen.now) if ended else None,
        design=_design(seen, spec),
    )


def _design(seen: Observation, spec: BatterySweepSpec | None) -> SweepDesign | None:
    """Return the number of points. Those of a table in a ConfigMap are counted by its runner."""
    known = (seen.status.get("design") or {}).get("points")
    points = known if known is not None else None if spec is None else count_points(spec)
    return SweepDesign(points=points) if points else None


def _course(seen: Observation, said: Said) -> list[Condition]:
    """Return the conditions that say how far a sweep is, for people, kubectl and kstatus."""
    truth, why, message = said
    ended = truth != "Unknown"
    is_held = why == WaitReason.SUSPENDED
    return [
        _condition(seen, ConditionType.SUCCEEDED, *said),
        _condition(seen, ConditionType.FINISHED, "True" if ended else "False", why, ""),
        _condition(
            seen, ConditionType.SUSPENDED, "True" if is_held else "False", why, message if is_held else ""
        ),
        _condition(seen, ConditionType.RECONCILING, "False" if ended else "True", why, ""),
        _condition(seen, ConditionType.STALLED, "True" if truth == "False" else "False", why, ""),
    ]


def _time(seen: Observation, name: str) -> datetime | None:
    text = seen.status.get(name)
    return None if text is None else datetime.fromisoformat(text)


def _condition(seen: Observation, kind: ConditionType, truth: Truth, reason: str, message: str) -> Condition:
    return dated_condition(seen.simulation, seen.now, kind, truth, reason, message)
