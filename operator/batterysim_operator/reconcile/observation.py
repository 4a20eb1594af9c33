"""The observed state of one simulation at one moment: all that a decision may depend on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batterysim.problem import InvalidSpecError
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import ConditionType

Manifest = Mapping[str, Any]
"""A Kubernetes object as JSON."""

Verdict = BatterySimulationSpec | InvalidSpecError
"""A spec that has been read, or all that is wrong with it."""


STARTED = ("jobName", "startTime", "claim")
"""Fields of the status that are there once a simulation has been started, in whatever way."""


@dataclass(frozen=True)
class Refusal:
    """The API server's words about a Job that it does not take.

    final: it would say the same again of the same spec.
    """

    message: str
    final: bool = False


@dataclass(frozen=True)
class Observation:
    """The object, its Job and its Job's pods, as read from the API server, and the time."""

    simulation: Manifest
    job: Manifest | None
    pods: Sequence[Manifest]
    now: datetime
    refusal: "Refusal | None" = None
    """Why the API server will not have the Job, if it was asked to create it."""
    place: int = 0
    """Place among those that wait for a Job, from 1; 0: it may have one."""
    job_complaint: str | None = None
    """Why the Job controller cannot make the Job's pod, in its own words."""
    earlier: "Manifest | None" = None
    """The simulation that this one goes on from; None: there is none, or it has been looked at before."""
    circle: Sequence[str] = ()
    """The names of simulations that go on from one another, this one among them or not."""
    verdict: Verdict | None = None
    """What the check of the spec has found, if it was checked."""

    @property
    def uid(self) -> str:
        """The simulation's UID."""
        return str(self.simulation["metadata"]["uid"])

    @property
    def generation(self) -> int:
        """The generation of the simulation's spec."""
        return int(self.simulation["metadata"]["generation"])

    @property
    def status(self) -> Mapping[str, Any]:
        """The simulation's status as it is now."""
        status: Mapping[str, Any] = self.simulation.get("status") or {}
        return status


def find_condition(conditions: Sequence[Manifest] | None, kind: str) -> Manifest | None:
    """Return the condition of this type, of an object of ours or of Kubernetes."""
    return next((condition for condition in conditions or () if condition["type"] == kind), None)


def is_true(conditions: Sequence[Manifest] | None, kind: str) -> bool:
    """Tell whether a condition is there and True."""
    condition = find_condition(conditions, kind)
    return condition is not None and condition["status"] == "True"


def has_ended(status: Mapping[str, Any]) -> bool:
    """Tell whether a run was started and has come to its end, well or badly."""
    conditions = status.get("conditions")
    succeeded = find_condition(conditions, ConditionType.SUCCEEDED)
    # A spec that was spoilt during the run says nothing about the run's end.
    was_started = any(name in status for name in STARTED) and is_true(conditions, ConditionType.ACCEPTED)
    return was_started and succeeded is not None and succeeded["status"] != "Unknown"


def is_settled(simulation: Manifest) -> bool:
    """Tell from the object alone that nothing is left to decide about it."""
    status = simulation.get("status") or {}
    if status.get("observedGeneration") != simulation["metadata"]["generation"]:
        return False
    succeeded = find_condition(status.get("conditions"), ConditionType.SUCCEEDED)
    return succeeded is not None and succeeded["status"] != "Unknown"


def was_accepted(status: Mapping[str, Any]) -> bool:
    """Tell whether the spec was found good and given to a Job or runner, so that its physics are locked."""
    return ("jobName" in status or "claim" in status) and is_true(
        status.get("conditions"), ConditionType.ACCEPTED
    )


def seconds_since_start(seen: Observation) -> float:
    """Return for how long a simulation has been accepted; 0 if it is not."""
    start = seen.status.get("startTime")
    return 0.0 if start is None else max(0.0, (seen.now - datetime.fromisoformat(start)).total_seconds())
