"""A condition of a simulation, dated from when its truth last changed. Pure."""

from datetime import datetime
from typing import Literal

from batterysim.status import Condition, ConditionType
from batterysim_operator.reconcile.observation import Manifest, find_condition

Truth = Literal["True", "False", "Unknown"]


def dated_condition(
    simulation: Manifest, now: datetime, kind: ConditionType, truth: Truth, reason: str, message: str
) -> Condition:
    """Return a condition for a simulation's status, which keeps its date while its truth stays."""
    before = find_condition((simulation.get("status") or {}).get("conditions"), kind)
    since = now
    if before is not None and before["status"] == truth:
        since = datetime.fromisoformat(before["lastTransitionTime"])
    return Condition(
        type=kind,
        status=truth,
        reason=reason,
        message=message,
        last_transition_time=since,
        observed_generation=simulation["metadata"]["generation"],
    )
