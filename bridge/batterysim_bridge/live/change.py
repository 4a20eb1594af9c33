"""The changes of an object, as its watchers receive them."""

from typing import NamedTuple

from batterysim.change_kind import ChangeKind
from batterysim_bridge.cluster.object_state import ObjectState


class Change(NamedTuple):
    """A change, and the object after it; before it, if it was deleted."""

    kind: ChangeKind
    state: ObjectState
    is_witnessed: bool = True
    """Whether the API server said so. A deletion may also be concluded from the object's absence."""


def change_between(before: ObjectState | None, now: ObjectState) -> Change:
    """Return what has changed. Without a `before`, the object is new to the receiver."""
    if now.has_ended and not (before is not None and before.has_ended):
        return Change(ChangeKind.END, now)
    if before is None or before.phase != now.phase:
        return Change(ChangeKind.PHASE, now)
    return Change(ChangeKind.PROGRESS, now)


def merged(earlier: Change | None, later: Change) -> Change:
    """Return one change instead of two of the same object: how it is now, and the most that happened."""
    if earlier is not None and later.kind is ChangeKind.PROGRESS:
        return later._replace(kind=earlier.kind)
    return later
