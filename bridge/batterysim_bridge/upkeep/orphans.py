"""Results whose object is gone: which of them may be removed, and when.

The bridge may be wrong about it: a cluster restored from a backup has its objects under other UIDs or not
yet, and a second release or another cluster may keep its results in the same bucket. So it counts from when
it noticed, takes hours, asks before it removes more than a small part of the store, and removes nothing where
another release has signed the store.
"""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from batterysim_bridge.live.simulations import Scope
from batterysim_bridge.store.settings import LARGEST_ORPHANED_SHARE
from batterysim_bridge.store.store import ResultKey, StoredEntry
from batterysim_bridge.upkeep.noticed import Noticed

GRACE_SECONDS = 6 * 3600.0
FEW = 20
"""This many may go at once, even from a small store."""


class Verdict(NamedTuple):
    """The decision about orphans. refusal: why those that are due stay; None: they go."""

    due: Sequence[ResultKey]
    refusal: str | None

    @property
    def removable(self) -> Sequence[ResultKey]:
        """The orphans that may be removed now."""
        return () if self.refusal else self.due


def orphans(
    stored: Iterable[StoredEntry], living_uids: Collection[str], scopes: Collection[Scope]
) -> list[ResultKey]:
    """Return the results whose object is gone. `scopes` are the namespaces that were listed; None: all."""
    return [
        entry.key
        for entry in stored
        if (None in scopes or entry.key.namespace in scopes) and entry.key.uid not in living_uids
    ]


class Watchlist:
    """Orphans, each since when it has been seen as one without a break.

    largest_share: the part of the store, from 0 to 1, that may be removed at once.
    clock: seconds that only go forward.
    owner: which release this is, see `owner.py`.
    """

    def __init__(
        self,
        largest_share: float = LARGEST_ORPHANED_SHARE,
        clock: Callable[[], float] = time.monotonic,
        owner: str | None = None,
    ) -> None:
        self.owner = owner
        self._largest_share = largest_share
        self._noticed = Noticed[ResultKey](GRACE_SECONDS, clock)

    def __len__(self) -> int:
        return len(self._noticed)

    def judge(
        self,
        found: Collection[ResultKey],
        stored_uids: Collection[str],
        living_uids: Collection[str],
        others: Collection[str] = (),
    ) -> Verdict:
        """Take note of the orphans of this sweep, and say which have been orphans for long enough.

        others: the other releases that keep their results in the same store.
        """
        due = self._noticed.lasting(found)
        if due and others:
            return Verdict(due, _shared_store(len(due), others))
        return Verdict(due, self._refusal(due, set(stored_uids), set(living_uids)) if due else None)

    def _refusal(self, due: list[ResultKey], stored_uids: set[str], living_uids: set[str]) -> str | None:
        whole = f"{len(due)} of {len(stored_uids)} results have no simulation"
        if stored_uids.isdisjoint(living_uids):
            return (
                f"{whole}, and no result in the store has one: is this the right cluster, or a restored one?"
            )
        if len({key.uid for key in due}) > max(FEW, self._largest_share * len(stored_uids)):
            return (
                f"{whole}, more than {self._largest_share:.0%}: was the cluster restored? If they should go, "
                "set bridge.store.largestOrphanedShare to 1 until they are gone"
            )
        return None


def _shared_store(due: int, others: Collection[str]) -> str:
    return (
        f"{due} results have no simulation here, but other releases have kept their results in this store: "
        f"{', '.join(sorted(others))}. If those are gone, remove them from the folder of owners"
    )
