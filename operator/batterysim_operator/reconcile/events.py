"""Kubernetes events at the turning points of simulations and sweeps, for `kubectl describe`. Pure.

Their names are derived from what they tell, so that telling it twice makes one event.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from batterysim import names
from batterysim.status import AT_WORK, ConditionType, Phase, WaitReason
from batterysim_operator.reconcile.diagnosis import POD_ENDING
from batterysim_operator.reconcile.observation import Manifest, find_condition


class Transition(NamedTuple):
    """Something worth an event."""

    kind: Literal["Normal", "Warning"]
    reason: str
    message: str


EVENTS_OF_PHASES: Mapping[str, tuple[Literal["Normal", "Warning"], str]] = {
    Phase.QUEUED: ("Normal", "Queued"),
    Phase.PENDING: ("Normal", "Accepted"),
    Phase.RUNNING: ("Normal", "Started"),
    "Suspended": ("Normal", "Suspended"),  # of a sweep
    Phase.SUCCEEDED: ("Normal", "Succeeded"),
    Phase.FAILED: ("Warning", "Failed"),
    Phase.INVALID: ("Warning", "Invalid"),
}
"""Kind and reason of the event for the change to a phase."""

NO_OBSTACLES = frozenset(
    {"", *AT_WORK, WaitReason.QUEUED, WaitReason.WAITING_FOR_RUNNER, WaitReason.RETRYING, POD_ENDING}
)
"""Reasons of runs that need nobody. Any other, also in the kubelet's words, somebody may have to act on."""

HELD = frozenset({WaitReason.SUSPENDED, "SchedulingGated"})
"""Obstacles that a queue or a person has put there on purpose."""


def transition_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Transition | None:
    """Return what happened between two statuses, if it is worth telling."""
    phase = after.get("phase")
    condition = find_condition(after.get("conditions"), ConditionType.SUCCEEDED) or {
        "reason": "",
        "message": "",
    }
    if phase is not None and phase != before.get("phase"):
        kind, reason = EVENTS_OF_PHASES[phase]
        return Transition(kind, reason, f"{condition['reason']}: {condition['message']}")
    if _is_obstacle(condition) and condition["reason"] != _succeeded(before)["reason"]:
        kind = "Normal" if condition["reason"] in HELD else "Warning"
        return Transition(kind, condition["reason"], condition["message"])
    return None


def _is_obstacle(condition: Mapping[str, str]) -> bool:
    return condition.get("status") == "Unknown" and condition["reason"] not in NO_OBSTACLES


def _succeeded(status: Mapping[str, Any]) -> Mapping[str, str]:
    condition = find_condition(status.get("conditions"), ConditionType.SUCCEEDED)
    return condition or {"reason": "", "message": ""}


def build_event(
    item: Manifest, transition: Transition, now: datetime, kind: str = names.KIND
) -> dict[str, Any]:
    """Return the core/v1 Event that tells a transition of an object of ours."""
    metadata = item["metadata"]
    identity = f"{metadata['uid']}/{metadata['generation']}/{transition.reason}"
    stem = metadata["name"][:200].rstrip("-.")
    name = f"{stem}.{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
    seconds = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": metadata["namespace"]},
        "involvedObject": {
            "apiVersion": names.API_VERSION,
            "kind": kind,
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
        },
        "type": transition.kind,
        "reason": transition.reason,
        "message": transition.message[:1024],
        "source": {"component": names.MANAGED_BY},
        "firstTimestamp": seconds,
        "lastTimestamp": seconds,
        "count": 1,
    }
