"""How much of the store each namespace has, and whether it may have more."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from batterysim_bridge.http.problem import SHARE_USED, ProblemError
from batterysim_bridge.store.store import StoredEntry
from batterysim_bridge.store.threads import call_store

# Listing a bucket takes a while, and what is stored meanwhile is counted as it comes.
COUNTED_SECONDS = 300.0
# This part of a volume is for namespaces that have less than an equal share.
RESERVE = 0.2


class Volume(NamedTuple):
    """What a volume has, in bytes."""

    total: int
    free: int


def volume_of(directory: Path) -> Volume:
    """Return what the volume of a directory has. Blocks."""
    usage = shutil.disk_usage(directory)
    return Volume(usage.total, usage.free)


def objection_to_upload(
    used: Mapping[str, int], namespace: str, size: int, quota: int | None, volume: Volume | None
) -> str | None:
    """Return why a namespace may not store this many bytes more; None if it may.

    used: bytes by namespace. volume: None where that is unknown, as in a bucket.
    """
    mine = used.get(namespace, 0)
    if quota is not None and mine + size > quota:
        return f"namespace {namespace!r} has {mine} bytes of the {quota} that it may have: delete simulations"
    if volume is None or volume.free - size >= RESERVE * volume.total:
        return None
    others = len({*used, namespace})
    if others > 1 and mine + size > volume.total / others:
        return (
            f"the store is nearly full, and namespace {namespace!r} has {mine} bytes, more than an equal "
            "share: delete simulations"
        )
    return None


class Inventory(Protocol):
    """A store that knows what is in it."""

    def entries(self) -> Iterator[StoredEntry]:
        """List what is stored."""


class Shares:
    """Knows what each namespace has stored: results, checkpoints and sweeps.

    volume: returns what the store's volume has, None where that is unknown. clock: gives a time in
    seconds that only grows.
    """

    def __init__(
        self,
        stores: Sequence[Inventory],
        quota: int | None,
        volume: Callable[[], Volume | None],
        clock: Callable[[], float],
    ) -> None:
        self._stores = stores
        self._quota = quota
        self._volume = volume
        self._clock = clock
        self._used: Counter[str] | None = None
        self._counted_time = 0.0
        self._counting = asyncio.Lock()

    async def require_room(self, namespace: str, size: int) -> None:
        """Return if a namespace may store this many bytes more, which then count as stored.

        Raises:
            ProblemError: it has used its share.
            OSError: the store is unavailable.
        """
        used = await self._known()
        volume = await call_store(self._volume)
        if (objection := objection_to_upload(used, namespace, size, self._quota, volume)) is not None:
            raise ProblemError(SHARE_USED, objection)
        used[namespace] += size

    async def _known(self) -> Counter[str]:
        async with self._counting:
            if self._used is None or self._clock() - self._counted_time > COUNTED_SECONDS:
                self._used = await call_store(self._count)
                self._counted_time = self._clock()
            return self._used

    def _count(self) -> Counter[str]:
        used = Counter[str]()
        for store in self._stores:
            for entry in store.entries():
                used[entry.key.namespace] += entry.size_bytes
        return used
