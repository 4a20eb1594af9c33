"""What to do about a simulation that shared runners run, attempt by attempt. Pure.

The operator says which attempt may be run; the bridge writes down who has it, and how it ended
(docs/decisions/070-shared-runners.md).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from batterysim.failure import FINAL_EXIT_CODES, FailureReason, shorten
from batterysim.spec.run_policy import Run
from batterysim.status import Failure, OutcomeReason, Phase, WaitReason
from batterysim_operator.reconcile.observation import Observation

RUN_PATIENCE = timedelta(seconds=1)
"""What changes sooner than this is not worth a write: most runs on shared runners have ended by then."""

WAIT_PATIENCE = timedelta(seconds=3)
"""As long a wait for a runner is not worth one: it costs a third of all requests that a short run makes.

It counts from the creation, whose time is cut off to seconds, so two of them are certain.
"""

REPORT_GRACE = timedelta(seconds=10)
"""After the deadline a runner ends the run itself and says so; only if it does not, somebody else does."""

DEFAULTS = Run()
ALWAYS_FINAL = frozenset({FailureReason.DEADLINE_EXCEEDED})


class Attempt(NamedTuple):
    """Where a simulation is.

    number: the attempt that may be run.
    failed: how many before it count against spec.run.retries.
    failure: why there is no other attempt; None: it goes on.
    shown: whether the status should say so; what is likely to change in a moment is not shown.
    """

    number: int
    failed: int
    phase: Phase
    reason: str
    message: str
    failure: Failure | None = None
    shown: bool = True
    requeue_after_seconds: float | None = None


def follow_attempts(seen: Observation) -> Attempt:
    """Return where a simulation on shared runners is, which has no result yet."""
    # As it is written, without judging it: it may have been accepted under older rules.
    run = seen.simulation["spec"].get("run", {})
    retries = int(run.get("retries", DEFAULTS.retries))
    seconds = int(run.get("deadlineSeconds", DEFAULTS.deadline_seconds))
    claim = seen.status.get("claim")
    claimed = 0 if claim is None else int(claim["attempt"])
    number = max(seen.status.get("attempt", 1), claimed)
    failed = seen.status.get("failedAttempts", 0)
    deadline = _created(seen) + timedelta(seconds=seconds)
    if claim is None or claimed < number:
        return _waiting(seen, number, failed, deadline)
    if (outcome := claim.get("outcome")) is not None:
        return _corrected(number) if _was_rejected(seen) else _after(outcome, number, failed, retries)
    return _running(seen, claim, number, failed, deadline)


def _waiting(seen: Observation, number: int, failed: int, deadline: datetime) -> Attempt:
    if seen.now >= deadline:
        message = _too_late("at the end it was waiting for a shared runner")
        return _over(number, failed, FailureReason.DEADLINE_EXCEEDED, message)
    if number > 1:
        phase, reason = Phase.PENDING, WaitReason.RETRYING
        message = f"attempt {number - 1} has ended, another one follows"
    else:
        phase, reason = Phase.QUEUED, WaitReason.WAITING_FOR_RUNNER
        message = "all shared runners are busy, or starting"
    is_late = seen.now - _created(seen) >= WAIT_PATIENCE
    is_news = number > 1 or is_late or _was_rejected(seen)
    again = deadline if is_news else _created(seen) + WAIT_PATIENCE
    return Attempt(
        number, failed, phase, reason, message, shown=is_news, requeue_after_seconds=_seconds(again, seen)
    )


def _running(
    seen: Observation, claim: Mapping[str, Any], number: int, failed: int, deadline: datetime
) -> Attempt:
    if seen.now >= deadline + REPORT_GRACE:
        message = _too_late(f"shared runner {claim['host']} was solving it")
        return _over(number, failed, FailureReason.DEADLINE_EXCEEDED, message)
    claimed_time = datetime.fromisoformat(claim["claimedTime"])
    is_news = seen.now - claimed_time >= RUN_PATIENCE
    again = deadline + REPORT_GRACE if is_news else claimed_time + RUN_PATIENCE
    message = f"shared runner {claim['host']} is working"
    return Attempt(
        number,
        failed,
        Phase.RUNNING,
        WaitReason.RUNNING,
        message,
        shown=is_news,
        requeue_after_seconds=_seconds(again, seen),
    )


def _after(outcome: Mapping[str, Any], number: int, failed: int, retries: int) -> Attempt:
    """Decide what comes after an attempt that has ended without a result."""
    reason, message = outcome["reason"], outcome["message"]
    if outcome["exitCode"] in FINAL_EXIT_CODES or reason in ALWAYS_FINAL:
        return _over(number, failed, _failure_reason(reason), message)
    failed += reason != OutcomeReason.HANDED_BACK
    if failed > retries:
        return _over(number, failed, _failure_reason(reason), f"{message} (last of {failed} attempts)")
    text = shorten(f"attempt {number} has ended ({message}), another one follows")
    return Attempt(number + 1, failed, Phase.PENDING, WaitReason.RETRYING, text)


def _was_rejected(seen: Observation) -> bool:
    """Whether the attempt was of an invalid spec, which a runner had got before the operator rejected it."""
    return seen.status.get("phase") == Phase.INVALID


def _corrected(number: int) -> Attempt:
    message = f"attempt {number} was of a spec that has been corrected, another one follows"
    return Attempt(number + 1, 0, Phase.PENDING, WaitReason.RETRYING, message)


def _over(number: int, failed: int, reason: FailureReason, message: str) -> Attempt:
    failure = Failure(reason=reason, message=shorten(message))
    return Attempt(number, failed, Phase.FAILED, reason, failure.message, failure)


def _failure_reason(reason: str) -> FailureReason:
    """Return the failure that an outcome stands for; a runner that is gone has crashed."""
    return (
        FailureReason(reason)
        if reason in FailureReason.__members__.values()
        else FailureReason.RUNNER_CRASHED
    )


def _too_late(what: str) -> str:
    return f"the run took longer than spec.run.deadlineSeconds: raise it, or make the run shorter ({what})"


def _created(seen: Observation) -> datetime:
    return datetime.fromisoformat(seen.simulation["metadata"]["creationTimestamp"])


def _seconds(moment: datetime, seen: Observation) -> float:
    return max((moment - seen.now).total_seconds(), 0.0)
