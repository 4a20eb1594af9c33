"""Which results are removed by themselves: too old ones, and the oldest of the namespaces with most."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from batterysim_bridge.store.store import ResultKey, StoredEntry

# A result stays this long for those that wait for it, whatever the limits are.
GRACE = timedelta(hours=1)

# A round removes no more than this part of the store, and is followed by another one.
LARGEST_SHARE = 0.1
FEW = 20


@dataclass(frozen=True)
class RetentionLimits:
    """How long, and how much of them, results are kept. Without limits, as long as their objects."""

    max_age: timedelta | None = None
    """Results older than this are removed."""
    max_bytes: int | None = None
    """If the results are together larger than this, the oldest of the namespaces with most are removed."""

    @property
    def are_set(self) -> bool:
        """Whether anything is ever removed."""
        return self != NO_LIMITS

    def explain(self, reason: "RemovalReason", own: str = "resultSeconds") -> str:
        """Say which limit it was, in words. own: the field of spec.run.retention that was over."""
        if reason is RemovalReason.AGE and self.max_age is not None:
            return f"it was older than {self.max_age.days} days"
        if reason is RemovalReason.WANTED:
            return f"the time of its spec.run.retention.{own} was over"
        return (
            "it was among the oldest of its namespace, which had most, when the results were together larger "
            f"than {self.max_bytes} bytes"
        )


NO_LIMITS = RetentionLimits()


class RemovalReason(StrEnum):
    """Which limit a result went over."""

    AGE = "age"
    SIZE = "size"
    WANTED = "wanted"


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
    """Return what is to be removed: first what is too old, then the oldest results of the namespaces
    with most.

    Never one that is younger than GRACE, nor one that is held: somebody is still owed it. Where all are
    together too large, only namespaces with more than an equal share lose any, so that one that stores ever
    more does not push the others' out.
    """
    entries = sorted(stored, key=lambda entry: (entry.stored_time, entry.key.uid))
    removable = [entry for entry in entries if now - entry.stored_time > GRACE and not is_held(entry.key)]
    too_old = [entry for entry in removable if _is_too_old(entry, limits, now)]
    removals = [Removal(entry.key, RemovalReason.AGE) for entry in too_old]
    if limits.max_bytes is None:
        return removals
    left = Counter[str]()
    for entry in entries:
        left[entry.key.namespace] += entry.size_bytes
    for entry in too_old:
        left[entry.key.namespace] -= entry.size_bytes
    old = set(too_old)
    excess = _excess(left, [entry for entry in removable if entry not in old], limits.max_bytes)
    return [*removals, *(Removal(entry.key, RemovalReason.SIZE) for entry in excess)]


def _excess(left: Counter[str], removable: Iterable[StoredEntry], max_bytes: int) -> Iterator[StoredEntry]:
    """Yield the results that are too many, the oldest of the namespace with most first.

    left: bytes by namespace, less those of each result that is yielded.
    removable: sorted by age.
    """
    waiting: dict[str, deque[StoredEntry]] = {}
    for entry in removable:
        waiting.setdefault(entry.key.namespace, deque()).append(entry)
    share = max_bytes / max(len(left), 1)
    while left.total() > max_bytes:
        greedy = [namespace for namespace in waiting if left[namespace] > share]
        if not greedy:
            break
        namespace = max(greedy, key=lambda item: (left[item], item))
        entry = waiting[namespace].popleft()
        if not waiting[namespace]:
            del waiting[namespace]
        left[namespace] -= entry.size_bytes
        yield entry


def over(
    stored: Iterable[StoredEntry],
    now: datetime,
    kept_for: Callable[[ResultKey], timedelta | None],
    is_held: Callable[[ResultKey], bool] = lambda _: False,
) -> list[Removal]:
    """Return the results that were only wanted for a while, which is over.

    kept_for: how long each was wanted; None: for good.
    """
    return [
        Removal(entry.key, RemovalReason.WANTED)
        for entry in stored
        if (wanted := kept_for(entry.key)) is not None
        and now - entry.stored_time > wanted
        and not is_held(entry.key)
    ]


def portion(removals: Sequence[Removal], stored: int) -> Sequence[Removal]:
    """Return what may be removed in one round: a small part of the store."""
    return removals[: max(FEW, int(LARGEST_SHARE * stored))]


def _is_too_old(entry: StoredEntry, limits: RetentionLimits, now: datetime) -> bool:
    return limits.max_age is not None and now - entry.stored_time > limits.max_age
