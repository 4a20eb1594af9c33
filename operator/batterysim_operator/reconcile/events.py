"""Kubernetes events at the turning points of simulations and sweeps, for `kubectl describe`. Pure.

Their names are derived from what they tell, so that telling it twice makes one event.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from batterysim import names
from batterysim.status import ConditionType, Phase, WaitReason
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

OBSTACLES = frozenset(
    {
        WaitReason.JOB_NOT_ADMITTED,
        WaitReason.POD_NOT_ADMITTED,
        WaitReason.NODE_LOST,
        WaitReason.UNSCHEDULABLE,
        WaitReason.NO_POD,
    }
)
"""Reasons for which a run waits, and which somebody may have to do something about."""


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
    if condition["reason"] in OBSTACLES and condition["reason"] != _succeeded(before)["reason"]:
        return Transition("Warning", condition["reason"], condition["message"])
    return None


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
