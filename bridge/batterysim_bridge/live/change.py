"""The changes of a simulation, as its watchers receive them."""

from typing import NamedTuple

from batterysim.change_kind import ChangeKind
from batterysim_bridge.cluster.simulation import SimulationState


class Change(NamedTuple):
    """A change, and the simulation after it; before it, if it was deleted."""

    kind: ChangeKind
    simulation: SimulationState
    is_witnessed: bool = True
    """Whether the API server said so. A deletion may also be concluded from the object's absence."""


def change_between(before: SimulationState | None, now: SimulationState) -> Change:
    """Return what has changed. Without a `before`, the simulation is new to the receiver."""
    if now.has_ended and not (before is not None and before.has_ended):
        return Change(ChangeKind.END, now)
    if before is None or before.phase != now.phase:
        return Change(ChangeKind.PHASE, now)
    return Change(ChangeKind.PROGRESS, now)


def merged(earlier: Change | None, later: Change) -> Change:
    """Return one change instead of two of the same simulation: how it is now, and the most that happened."""
    if earlier is not None and later.kind is ChangeKind.PROGRESS:
        return later._replace(kind=earlier.kind)
    return later
