"""Which results are removed by themselves: those that are too old, and the oldest ones of too many."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from batterysim_bridge.store.store import ResultKey, StoredEntry

# So long a result is there for whoever waits for it, whatever the limits are.
GRACE = timedelta(hours=1)


@dataclass(frozen=True)
class RetentionLimits:
    """How long, and how much of them, results are kept. Without limits, as long as their objects."""

    max_age: timedelta | None = None
    """Results older than this are removed."""
    max_bytes: int | None = None
    """If the results are together larger than this, the oldest are removed."""

    @property
    def are_set(self) -> bool:
        """Whether anything is ever removed."""
        return self != NO_LIMITS

    def explain(self, reason: "RemovalReason") -> str:
        """Say which limit it was, in words."""
        if reason is RemovalReason.AGE and self.max_age is not None:
            return f"it was older than {self.max_age.days} days"
        return f"it was among the oldest when the results were together larger than {self.max_bytes} bytes"


NO_LIMITS = RetentionLimits()


class RemovalReason(StrEnum):
    """Which limit a result went over."""

    AGE = "age"
    SIZE = "size"


class Removal(NamedTuple):
    """A result that is to go."""

    key: ResultKey
    reason: RemovalReason


def due(
    stored: Iterable[StoredEntry],
    limits: RetentionLimits,
    now: datetime,
    is_held: Callable[[ResultKey], bool] = lambda _: False,
) -> list[Removal]:
    """Return what is to be removed, the oldest first.

    Never one that is younger than GRACE, nor one that is held: somebody is still owed it.
    """
    entries = sorted(stored, key=lambda entry: (entry.stored_time, entry.key.uid))
    left_bytes = sum(entry.size_bytes for entry in entries)
    removals = []
    for entry in entries:
        reason = _reason(now - entry.stored_time, left_bytes, limits)
        if reason is None:
            # The rest is younger, and what is left has become no larger.
            break
        if not is_held(entry.key):
            left_bytes -= entry.size_bytes
            removals.append(Removal(entry.key, reason))
    return removals


def _reason(age: timedelta, left_bytes: int, limits: RetentionLimits) -> RemovalReason | None:
    if age <= GRACE:
        return None
    if limits.max_age is not None and age > limits.max_age:
        return RemovalReason.AGE
    if limits.max_bytes is not None and left_bytes > limits.max_bytes:
        return RemovalReason.SIZE
    return None
