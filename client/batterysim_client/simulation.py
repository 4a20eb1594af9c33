"""A BatterySimulation as a client sees it, and what happens to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from batterysim.change_kind import ChangeKind
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import ENDED_PHASES, BatterySimulationStatus, Condition, ConditionType, Phase

_NOISE = ("managedFields",)


@dataclass(frozen=True, repr=False)
class Simulation:
    """A simulation as it was at one moment.

    manifest: the object as the server has it, as JSON. A list over HTTP leaves out the spec.
    """

    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name."""
        return str(self._metadata["name"])

    @property
    def namespace(self) -> str:
        """Its namespace."""
        return str(self._metadata["namespace"])

    @property
    def uid(self) -> str:
        """What tells it from another one that had its name before."""
        return str(self._metadata["uid"])

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        labels: Mapping[str, str] = self._metadata.get("labels") or {}
        return labels

    @property
    def created_time(self) -> datetime:
        """When it was created."""
        return datetime.fromisoformat(self._metadata["creationTimestamp"])

    @cached_property
    def spec(self) -> BatterySimulationSpec | None:
        """The spec; None in a list over HTTP."""
        raw = self.manifest.get("spec")
        # A newer server may know fields that this client does not.
        return None if raw is None else BatterySimulationSpec.model_validate(raw, extra="ignore")

    @cached_property
    def status(self) -> BatterySimulationStatus:
        """How it goes: conditions, progress, summary, failure."""
        return BatterySimulationStatus.model_validate(self.manifest.get("status") or {}, extra="ignore")

    @property
    def phase(self) -> Phase:
        """Queued, Pending, Running, Succeeded, Failed or Invalid."""
        return self.status.phase or Phase.PENDING

    @property
    def course(self) -> Condition | None:
        """The condition Succeeded, whose reason and message say for what it waits or why it ended."""
        conditions = self.status.conditions or ()
        return next((item for item in conditions if item.type == ConditionType.SUCCEEDED), None)

    @property
    def is_unattended(self) -> bool:
        """Whether no operator has looked at it. After some seconds: none runs, or none serves it."""
        return self.status.observed_generation is None and self.status.phase is None

    @property
    def has_ended(self) -> bool:
        """Whether it has succeeded, failed or been found invalid."""
        return self.phase in ENDED_PHASES

    @property
    def succeeded(self) -> bool:
        """Whether there is a result, or was until it was removed."""
        return self.phase is Phase.SUCCEEDED

    @property
    def _metadata(self) -> Mapping[str, Any]:
        metadata: Mapping[str, Any] = self.manifest["metadata"]
        return metadata

    def __repr__(self) -> str:
        return f"<Simulation {self.namespace}/{self.name}: {self.phase}>"


def to_simulation(raw: Mapping[str, Any]) -> Simulation:
    """Return a simulation from a server's JSON, without what servers note down for themselves."""
    metadata = {key: value for key, value in raw["metadata"].items() if key not in _NOISE}
    return Simulation({**raw, "metadata": metadata})


class Change(NamedTuple):
    """Something that has happened, and the simulation after it; before it, if it was deleted."""

    kind: ChangeKind
    simulation: Simulation


def change_between(before: Simulation | None, now: Simulation) -> Change:
    """Return what has changed. Without a `before`, or with another simulation's, it is new."""
    if before is not None and before.uid != now.uid:
        before = None
    if now.has_ended and not (before is not None and before.has_ended):
        return Change(ChangeKind.END, now)
    if before is None or before.phase is not now.phase:
        return Change(ChangeKind.PHASE, now)
    return Change(ChangeKind.PROGRESS, now)
