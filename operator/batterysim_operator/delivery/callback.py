"""The deliveries that a callback's receiver is owed, and when the next attempt is due. Pure.

Whether a delivery is owed follows from the object alone: it has ended, it has a callback, and the
callback is neither delivered nor given up. So a restart of the operator loses none.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from batterysim.callback_debt import find_delivered, is_outdated, is_undelivered
from batterysim.names import message_id
from batterysim.spec.run_policy import Callback
from batterysim.status import BatterySimulationStatus, CallbackStatus, ConditionType
from batterysim_operator.reconcile.conditions import Truth, dated_condition
from batterysim_operator.reconcile.observation import Manifest, has_ended

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=6)
BRIDGE_RETRY = timedelta(seconds=20)
GIVE_UP_AFTER = timedelta(days=3)
"""From the first attempt, so that an operator or a cluster that was away for longer gives nothing up at
once."""
LATE = timedelta(days=1)
"""An attempt that comes so much later than it was due proves nothing about the receiver: the operator was
away, or a clock is wrong."""
LONGEST_WAIT = LONGEST_RETRY * 1.25
GONE = 410
NOT_FOUND = 404


def is_owed(simulation: Manifest) -> bool:
    """Tell whether a callback has still to be delivered."""
    return has_ended(simulation.get("status") or {}) and is_undelivered(simulation)


def seconds_until_due(simulation: Manifest, now: datetime) -> float:
    """Return after how many seconds the next attempt is due; 0 or less for now."""
    due = _outbox(simulation).get("nextAttemptTime")
    wait = timedelta() if due is None else datetime.fromisoformat(due) - now
    # A time that is further away was written by a clock that was ahead.
    return 0.0 if wait > LONGEST_WAIT else wait.total_seconds()


def after_success(simulation: Manifest, now: datetime) -> BatterySimulationStatus:
    """Return the callback's part of the status after a receiver's 2xx."""
    return _tried(
        simulation, now, None, "True", "Delivered", "the receiver answered with a 2xx", delivered=now
    )


def after_failure(
    simulation: Manifest,
    now: datetime,
    error: str,
    *,
    final: bool,
    spread: float,
    retry_after_seconds: float = 0.0,
) -> BatterySimulationStatus:
    """Return the callback's part of the status after a failed attempt.

    final: no other attempt can help. spread: a random number from 0 to 1, so that many do not retry at once.
    retry_after_seconds: how long the receiver asks to be left alone, which is heard within LONGEST_RETRY.
    """
    is_over = now - _first_attempt(simulation, now) > GIVE_UP_AFTER
    if final or (is_over and not _is_late(simulation, now)):
        return _tried(simulation, now, error, "False", "GivenUp", f"not retried: {error}")
    wait = min(FIRST_RETRY * 2 ** min(_attempts(simulation), 20), LONGEST_RETRY) * (0.75 + 0.5 * spread)
    wait = max(wait, min(timedelta(seconds=retry_after_seconds), LONGEST_RETRY))
    return _tried(simulation, now, error, "Unknown", "Retrying", error, next_attempt=now + wait)


def without_result(simulation: Manifest, now: datetime, error: str) -> BatterySimulationStatus:
    """Return the callback's part of the status when the bridge had no result to send.

    That is not an attempt at the receiver: neither its patience nor its waits are used up.
    """
    before = _outbox(simulation)
    return _status(
        simulation,
        now,
        ("Unknown", "ResultUnavailable", error),
        CallbackStatus(
            message_id=message_id(simulation["metadata"]["uid"]),
            attempts=_attempts(simulation),
            first_attempt_time=before.get("firstAttemptTime"),
            last_error=error,
        ),
    )


def says_the_same(simulation: Manifest, status: BatterySimulationStatus) -> bool:
    """Tell whether the object has this outcome already, so that it need not be written again."""
    before = find_delivered(simulation.get("status") or {})
    return before is not None and any(
        (before["status"], before["reason"], before.get("message")) == (new.status, new.reason, new.message)
        for new in status.conditions or ()
    )


def is_final(status: int, callback: Callback) -> bool:
    """Tell whether a receiver's answer says that it will never take the callback.

    410 is final after the Standard Webhooks specification. 404 is what a Job Manager answers that has no
    such path, and it will have none tomorrow.
    """
    return status == GONE or (status == NOT_FOUND and callback.format == "jobManager")


def failure_document(simulation: Manifest) -> bytes:
    """Return the v1 document of a simulation that has no result."""
    metadata = simulation["metadata"]
    document = {
        "apiVersion": simulation["apiVersion"],
        "kind": "SimulationResult",
        "metadata": {key: metadata[key] for key in ("namespace", "name", "uid")},
        "failure": simulation["status"].get("failure"),
    }
    return json.dumps(document).encode()


def _outbox(simulation: Manifest) -> Mapping[str, Any]:
    """Return what is noted about the tries of this spec."""
    if is_outdated(simulation):
        return {}
    outbox: Mapping[str, Any] = simulation["status"].get("callback") or {}
    return outbox


def _attempts(simulation: Manifest) -> int:
    attempts: int = _outbox(simulation).get("attempts", 0)
    return attempts


def _is_late(simulation: Manifest, now: datetime) -> bool:
    due = _outbox(simulation).get("nextAttemptTime")
    return due is not None and now - datetime.fromisoformat(due) > LATE


def _first_attempt(simulation: Manifest, now: datetime) -> datetime:
    first = _outbox(simulation).get("firstAttemptTime")
    return now if first is None else datetime.fromisoformat(first)


def _tried(
    simulation: Manifest,
    now: datetime,
    error: str | None,
    truth: Truth,
    reason: str,
    message: str,
    *,
    next_attempt: datetime | None = None,
    delivered: datetime | None = None,
) -> BatterySimulationStatus:
    """Return the status after one more try at the receiver."""
    return _status(
        simulation,
        now,
        (truth, reason, message),
        CallbackStatus(
            message_id=message_id(simulation["metadata"]["uid"]),
            attempts=_attempts(simulation) + 1,
            first_attempt_time=_first_attempt(simulation, now),
            next_attempt_time=next_attempt,
            delivered_time=delivered,
            last_error=error,
        ),
    )


def _status(
    simulation: Manifest, now: datetime, said: tuple[Truth, str, str], outbox: CallbackStatus
) -> BatterySimulationStatus:
    return BatterySimulationStatus(
        callback=outbox,
        conditions=[dated_condition(simulation, now, ConditionType.CALLBACK_DELIVERED, *said)],
    )
