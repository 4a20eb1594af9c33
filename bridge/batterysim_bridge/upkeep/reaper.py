"""Deletes simulations or sweeps whose time is over, and the oldest of too many, in small portions.

Each is read again before, and deleted only as the one that it is. Its result goes with it, which the
collector sees to, and its Job, which Kubernetes does.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime

from prometheus_client import Counter

from batterysim.process.logs import about
from batterysim_bridge.cluster.cluster import Objects
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.upkeep.lifetime import Death, Lifetimes, Reason, expired, is_expired, surplus
from batterysim_bridge.upkeep.noticed import Noticed
from batterysim_bridge.upkeep.one_by_one import OneByOne

INTERVAL_SECONDS = 60.0
GRACE_SECONDS = 120.0
"""A clock that is ahead for a moment deletes nothing."""
PORTION = 100

logger = logging.getLogger(__name__)


class Reaper:
    """Deletes the objects of a kind.

    known: those in memory. deleted: counts them by their reason. `clock` gives the time in UTC, `monotonic`
    seconds that only go forward.
    """

    def __init__(
        self,
        objects: Objects,
        known: ObjectCache,
        lifetimes: Lifetimes,
        deleted: Counter,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._objects = objects
        self._known = known
        self._lifetimes = lifetimes
        self._deleted = deleted
        self._clock = clock
        self._noticed = Noticed[str](GRACE_SECONDS, monotonic)
        self._one_by_one = OneByOne("deleting an ended object", monotonic)

    async def run(self) -> None:
        """Delete until cancelled."""
        await self._known.filled()
        while True:
            try:
                await self.reap()
            except Exception:
                logger.exception("lifetimes failed, trying again in the next round")
            await asyncio.sleep(INTERVAL_SECONDS)

    async def reap(self) -> None:
        """Delete what is due now."""
        known = self._known.in_namespace(None)
        over = {death.simulation.uid: death for death in expired(known, self._lifetimes, self._clock())}
        due = {uid: over[uid] for uid in self._noticed.lasting(over)}
        due |= {death.simulation.uid: death for death in surplus(known, self._lifetimes)}
        portion = list(due)[:PORTION]
        await self._one_by_one.run(portion, lambda uid: self._delete(due[uid]))

    async def _delete(self, death: Death) -> None:
        namespace, name, uid = death.simulation.identity
        current = await self._objects.state(namespace, name)
        if current is None or current.uid != uid or not self._is_still_due(current, death.reason):
            return
        if await self._objects.delete(namespace, name, uid):
            self._deleted.labels(death.reason).inc()
            logger.info("deleted: %s", _words(death.reason), extra=about(namespace, name, uid))

    def _is_still_due(self, current: ObjectState, reason: Reason) -> bool:
        if reason is Reason.TIME:
            return is_expired(current, self._lifetimes, self._clock())
        return current.ended_time is not None and not current.owes_callback


def _words(reason: Reason) -> str:
    if reason is Reason.TIME:
        return "its time after the end was over"
    return "it was among the oldest of too many"
