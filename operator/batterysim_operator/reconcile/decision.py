"""What to do about one simulation. Pure: the same observation gives the same decision."""

from dataclasses import dataclass
from typing import Any

from batterysim.checks.problem import InvalidSpecError
from batterysim.checks.validation import parse_spec
from batterysim.failure import FailureReason, shorten
from batterysim.names import job_name
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import BatterySimulationStatus, Failure
from batterysim_operator.reconcile import status
from batterysim_operator.reconcile.diagnosis import diagnose
from batterysim_operator.reconcile.job import build_job
from batterysim_operator.reconcile.observation import Manifest, Observation, has_ended, is_settled
from batterysim_operator.settings import RunnerSettings

LOOK_AFTER_CREATION_SECONDS = 10.0
"""A Job of the same name that is not ours makes no event that we watch, so look without one."""


@dataclass(frozen=True)
class Decision:
    """What to do, in this order: apply the status, create the Job, look again after a while.

    The status comes first because it locks the physics of the spec: from then on the API server refuses
    changes that the Job would not know of.
    """

    status: BatterySimulationStatus | None = None
    job: dict[str, Any] | None = None
    look_again_seconds: float | None = None


def reconcile(seen: Observation, settings: RunnerSettings) -> Decision:
    """Decide what to do about a simulation."""
    if "deletionTimestamp" in seen.simulation["metadata"] or is_settled(seen.simulation):
        return Decision()
    if has_ended(seen.status):
        # Only how it is run can have changed since, which an ended run does not care about.
        return Decision(status.ended_before(seen))
    try:
        spec = parse_spec(seen.simulation["spec"])
    except InvalidSpecError as error:
        return Decision(status.invalid(seen, error))
    if "results" in seen.status:
        return Decision(status.succeeded(seen, spec))
    if seen.job is None:
        return _start(seen, spec, settings)
    return _follow(seen, spec, seen.job)


def _start(seen: Observation, spec: BatterySimulationSpec, settings: RunnerSettings) -> Decision:
    """Decide about a simulation that has no Job."""
    if seen.refusal is not None:
        return Decision(status.failed(seen, spec, _job_refused(seen.refusal)))
    manifest = build_job(seen.simulation, spec, settings)
    return Decision(status.starting(seen, spec), manifest, LOOK_AFTER_CREATION_SECONDS)


def _follow(seen: Observation, spec: BatterySimulationSpec, job: Manifest) -> Decision:
    """Decide about a simulation whose Job is there and whose result is not."""
    owners = job["metadata"].get("ownerReferences") or ()
    if not any(owner["uid"] == seen.uid for owner in owners):
        return Decision(status.failed(seen, spec, _name_conflict(seen)))
    diagnosis = diagnose(job, seen.pods, seen.now)
    if diagnosis.failure is not None:
        return Decision(status.failed(seen, spec, diagnosis.failure))
    return Decision(status.under_way(seen, spec, diagnosis), look_again_seconds=diagnosis.look_again_seconds)


def _job_refused(refusal: str) -> Failure:
    return Failure(
        reason=FailureReason.INVALID_SPEC,
        message=shorten(f"Kubernetes refuses the Job, correct spec.run: {refusal}"),
    )


def _name_conflict(seen: Observation) -> Failure:
    return Failure(
        reason=FailureReason.NAME_CONFLICT,
        message=f"a Job {job_name(seen.uid)} exists that does not belong to this simulation: "
        "delete that Job, then create the simulation again",
    )
