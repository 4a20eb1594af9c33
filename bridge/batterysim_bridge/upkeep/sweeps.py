"""Keeps the tables of sweeps in step with the cluster: none stays without its sweep.

Deletions that the API server tells remove at once; of those that were missed, a table is an orphan, which
takes as long and is asked about as for results.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from batterysim.change_kind import ChangeKind
from batterysim.process.logs import about
from batterysim_bridge.cluster.cluster import Cluster, ClusterError, StatusConflictError
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.sweeps import SweepObjects, identity_of
from batterysim_bridge.live.change import Change
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.store.store import ResultKey, ResultStore, StoredEntry
from batterysim_bridge.store.tables.tables import SweepStore
from batterysim_bridge.store.threads import call_store
from batterysim_bridge.upkeep.living import living_uids
from batterysim_bridge.upkeep.one_by_one import OneByOne
from batterysim_bridge.upkeep.orphans import Watchlist, orphans
from batterysim_bridge.upkeep.restored import how_restored

ROUND_SECONDS = 300.0
RETRY_SECONDS = 5.0

OF_THE_BRIDGE = ("design", "progress", "failures", "best", "results", "provenance")

logger = logging.getLogger(__name__)


class SweepUpkeep:
    """Removes tables whose sweep is gone, and those that retention removes.

    known: the sweeps in memory. results: the store of results, which other releases sign. `clock` gives the
    time in UTC.
    """

    def __init__(
        self,
        cluster: Cluster,
        sweeps: SweepObjects,
        known: ObjectCache,
        store: SweepStore,
        results: ResultStore,
        watchlist: Watchlist,
        clock: Callable[[], datetime],
    ) -> None:
        self._cluster = cluster
        self._sweeps = sweeps
        self._known = known
        self._store = store
        self._results = results
        self._watchlist = watchlist
        self._clock = clock
        self._removals = OneByOne("removing a table")
        self._deleted: list[ResultKey] = []

    async def run(self) -> None:
        """Keep them in step until cancelled, or until the bridge is about to end."""
        await self._known.filled()
        while not self._known.is_closed:
            try:
                await self._collect_and_follow()
            except (ClusterError, OSError) as error:
                logger.warning("the tables of sweeps are not in step yet, retrying: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                logger.exception("the upkeep of sweeps failed, trying again")
                await asyncio.sleep(RETRY_SECONDS)

    async def _collect_and_follow(self) -> None:
        with self._known.changes() as changes:
            await self.follow(())
            await self.collect()
            loop = asyncio.get_running_loop()
            next_round = loop.time() + ROUND_SECONDS
            while not changes.is_closed and (left := next_round - loop.time()) > 0:
                await self.follow(await changes.gather(left))

    async def collect(self) -> None:
        """Remove the tables whose sweep has been gone for long."""
        stored = await self.stored()
        if not stored:
            return
        confirmed = await living_uids(self._sweeps, self._known.scopes)
        living = frozenset().union(*confirmed.values())
        found = orphans(stored, living, confirmed)
        owner, stored_uids = self._watchlist.owner, {entry.key.uid for entry in stored}
        others = await call_store(self._results.owners) - {owner}
        restored = None if owner is None else await how_restored(self._cluster, self._results, owner)
        verdict = self._watchlist.judge(found, stored_uids, living, others, restored)
        if verdict.refusal is not None:
            logger.error("no table is removed: %s", verdict.refusal)
        await self._removals.run(verdict.removable, self._remove)

    async def follow(self, changes: Iterable[Change]) -> None:
        """Remove the tables of sweeps that the API server said were deleted, and of those before them."""
        self._deleted += [
            ResultKey(change.state.namespace, change.state.uid)
            for change in changes
            if change.kind is ChangeKind.DELETED and change.is_witnessed
        ]
        self._deleted = await self._removals.run(self._deleted, self._remove)

    async def stored(self) -> list[StoredEntry]:
        """List the stored tables."""
        return await call_store(lambda: list(self._store.entries()))

    def known(self) -> Mapping[str, ObjectState]:
        """Return the sweeps, by UID."""
        return {item.uid: item for item in self._known.in_namespace(None)}

    async def remove(self, sweep: ObjectState, message: str) -> bool:
        """Remove a table, and say so in the sweep's status. Tells whether there was one."""
        manifest = await self._sweeps.manifest(sweep.namespace, sweep.name)
        if manifest is None or manifest["metadata"]["uid"] != sweep.uid:
            return False  # it is gone, and its table is an orphan
        status = {name: part for name, part in manifest["status"].items() if name in OF_THE_BRIDGE}
        if "results" in status:
            removed = {"removedTime": self._clock().isoformat(), "removalMessage": message}
            results = {**removed, **status["results"]}  # a crash may have come between the two steps
            try:
                await self._sweeps.apply_status(identity_of(manifest), {**status, "results": results})
            except StatusConflictError:
                return False
        return await call_store(self._store.remove, ResultKey(sweep.namespace, sweep.uid))

    async def _remove(self, key: ResultKey) -> None:
        if await call_store(self._store.remove, key):
            logger.info("removed the table of a deleted sweep", extra=about(key.namespace, "", key.uid))
