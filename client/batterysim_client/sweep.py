"""A BatterySweep as a client sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from batterysim.sweep.status import BatterySweepStatus, SweepPhase

ENDED = (SweepPhase.SUCCEEDED, SweepPhase.FAILED, SweepPhase.INVALID)


@dataclass(frozen=True, repr=False)
class Sweep:
    """A sweep as it was at one moment.

    manifest: the object as the server has it, as JSON. A list over HTTP leaves out the spec.
    """

    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.manifest["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """Its namespace."""
        return str(self.manifest["metadata"]["namespace"])

    @cached_property
    def status(self) -> BatterySweepStatus:
        """How it goes: conditions, progress, failures, best points."""
        return BatterySweepStatus.model_validate(self.manifest.get("status") or {})

    @property
    def phase(self) -> SweepPhase:
        """Where it is. One that nobody has looked at yet is Pending."""
        return self.status.phase or SweepPhase.PENDING

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is going to happen by itself."""
        return self.phase in ENDED

    @property
    def succeeded(self) -> bool:
        """Whether every point has a row."""
        return self.phase == SweepPhase.SUCCEEDED

    def __repr__(self) -> str:
        progress = self.status.progress
        points = "" if progress is None else f", {progress.done} of {progress.points} points"
        return f"<Sweep {self.namespace}/{self.name}: {self.phase}{points}>"
