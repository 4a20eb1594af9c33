"""What is owed to a callback's receiver, and when the next try is due. Pure.

Whether a delivery is owed follows from the object alone: it has ended, it has a callback, and the
callback is neither delivered nor given up. So a restart of the operator loses none.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from batterysim.names import message_id
from batterysim.spec.run_policy import Callback
from batterysim.status import BatterySimulationStatus, CallbackStatus, ConditionType
from batterysim_operator.reconcile.conditions import Truth, dated_condition
from batterysim_operator.reconcile.observation import Manifest, find_condition, has_ended

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=3)
GONE = 410
NOT_FOUND = 404


def is_owed(simulation: Manifest) -> bool:
    """Tell whether a callback has still to be delivered."""
    status = simulation.get("status") or {}
    if "callback" not in simulation["spec"] or not has_ended(status):
        return False
    if "results" not in status and simulation["spec"]["callback"].get("format") == "jobManager":
        return False  # that format has no way to tell of a failure
    delivered = find_condition(status.get("conditions"), ConditionType.CALLBACK_DELIVERED)
    return delivered is None or delivered["status"] == "Unknown"


def seconds_until_due(simulation: Manifest, now: datetime) -> float:
    """Return after how many seconds the next try is due; 0 or less for now."""
    due = (simulation["status"].get("callback") or {}).get("nextAttemptTime")
    return 0.0 if due is None else (datetime.fromisoformat(due) - now).total_seconds()


def after_success(simulation: Manifest, now: datetime) -> BatterySimulationStatus:
    """Return the callback's part of the status after a receiver's 2xx."""
    return _status(
        simulation, now, None, "True", "Delivered", "the receiver answered with a 2xx", delivered=now
    )


def after_failure(
    simulation: Manifest, now: datetime, error: str, final: bool, spread: float
) -> BatterySimulationStatus:
    """Return the callback's part of the status after a failed try.

    final: no other try can help. spread: a random number from 0 to 1, so that many do not retry at once.
    """
    attempts = _attempts(simulation) + 1
    ended = datetime.fromisoformat(simulation["status"]["completionTime"])
    if final or now - ended > GIVE_UP_AFTER:
        return _status(simulation, now, error, "False", "GivenUp", f"not tried again: {error}")
    wait = min(FIRST_RETRY * 2 ** min(attempts - 1, 20), LONGEST_RETRY) * (0.75 + 0.5 * spread)
    return _status(simulation, now, error, "Unknown", "Retrying", error, next_attempt=now + wait)


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


def _attempts(simulation: Mapping[str, Any]) -> int:
    attempts: int = (simulation["status"].get("callback") or {}).get("attempts", 0)
    return attempts


def _status(
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
    return BatterySimulationStatus(
        callback=CallbackStatus(
            message_id=message_id(simulation["metadata"]["uid"]),
            attempts=_attempts(simulation) + 1,
            next_attempt_time=next_attempt,
            delivered_time=delivered,
            last_error=error,
        ),
        conditions=[
            dated_condition(simulation, now, ConditionType.CALLBACK_DELIVERED, truth, reason, message)
        ],
    )
