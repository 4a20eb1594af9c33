"""Jobs that the API server rejects: the failures that follow, and when it is asked again. Pure."""

from batterysim.failure import FailureReason, shorten
from batterysim.status import Failure
from batterysim_operator.reconcile.observation import Refusal
from batterysim_operator.reconcile.obstacles import not_admitted

LONGEST_WAIT_SECONDS = 60.0


def patience(waited_seconds: float) -> float:
    """Return after how many seconds a Job is tried again: soon at first, then ever more rarely."""
    return min(max(waited_seconds / 2, 2.0), LONGEST_WAIT_SECONDS)


def job_refused(refusal: Refusal) -> Failure:
    """Return the failure of a spec.run that Kubernetes' own rules do not allow."""
    return Failure(
        reason=FailureReason.INVALID_SPEC,
        message=shorten(f"Kubernetes rejects the Job, correct spec.run: {refusal.message}"),
    )


def waiting_for_admission(refusal: Refusal) -> str:
    """Return why a run or sweep whose Job may still be admitted has not begun."""
    return not_admitted(f"Kubernetes rejects the Job: {refusal.message}")


def never_admitted(refusal: Refusal, what: str) -> Failure:
    """Return the failure of a run or sweep whose Job was rejected until its deadline."""
    return Failure(
        reason=FailureReason.DEADLINE_EXCEEDED,
        message=not_admitted(
            f"the {what} could not begin within spec.run.deadlineSeconds, "
            f"because Kubernetes rejected the Job: {refusal.message}"
        ),
    )


def name_conflict(job: str, what: str) -> Failure:
    """Return the failure of a simulation or sweep whose Job's name is taken."""
    return Failure(
        reason=FailureReason.NAME_CONFLICT,
        message=f"a Job {job} exists that does not belong to this {what}: "
        f"delete that Job, then create the {what} again",
    )
