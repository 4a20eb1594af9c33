"""Results whose object is gone: which of them may be removed, and when.

The bridge may be wrong about it: a cluster restored from a backup has its objects under other UIDs or not
yet, and a second release or another cluster may keep its results in the same bucket. So it counts from when
it noticed, takes hours, asks before it removes more than a small part of the store, and removes nothing where
another release has signed the store, or where the cluster was restored (`restored.py`).
"""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from batterysim_bridge.live.object_cache import Scope
from batterysim_bridge.store.settings import LARGEST_ORPHANED_SHARE
from batterysim_bridge.store.store import ResultKey, StoredEntry
from batterysim_bridge.upkeep.noticed import Noticed

GRACE_SECONDS = 6 * 3600.0
FEW = 20
"""This many may go at once, even from a small store."""


_OTHER_CLUSTER = "is this the right cluster, or a restored one?"
_IF_THEY_SHOULD_GO = "If they should go, set bridge.store.largestOrphanedShare to 1 until they are gone"


class Verdict(NamedTuple):
    """The decision about orphans. due: those that it is about. refusal: why they stay; None: they go."""

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
    owner: which release this is, see `account.py`.
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
        restored: str | None = None,
    ) -> Verdict:
        """Take note of the orphans of this cleanup, and say which have been orphans for long enough.

        others: the other releases that keep their results in the same store.
        restored: how it is known that the cluster was restored; None: it was not.
        """
        due = self._noticed.lasting(found)
        if not found:
            return Verdict(due, None)
        whole = f"{len(found)} of {len(set(stored_uids))} results have no simulation"
        # These are no matter of time, so they are said at once.
        if others:
            return Verdict(tuple(found), _shared_store(len(found), others))
        if set(stored_uids).isdisjoint(living_uids):
            return Verdict(tuple(found), f"{whole}, and no result in the store has one: {_OTHER_CLUSTER}")
        if restored is not None and not self.takes_all:
            return Verdict(tuple(found), f"{whole}, and {restored}. {_IF_THEY_SHOULD_GO}")
        if len({key.uid for key in due}) > max(FEW, self._largest_share * len(set(stored_uids))):
            share = f"more than {self._largest_share:.0%}: was the cluster restored?"
            return Verdict(due, f"{whole}, {share} {_IF_THEY_SHOULD_GO}")
        return Verdict(due, None)

    @property
    def takes_all(self) -> bool:
        """Whether somebody has said that all orphans should go, also after a restoration."""
        return self._largest_share >= 1


def _shared_store(due: int, others: Collection[str]) -> str:
    return (
        f"{due} results have no simulation here, but other releases have kept their results in this store: "
        f"{', '.join(sorted(others))}. If those are gone, remove them from the folder of owners"
    )
