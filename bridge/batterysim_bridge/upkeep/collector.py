"""Keeps store and cluster in step: no result without its object, no stored result unreported. Forever:
compare what is stored with the simulations in memory, put right what differs, then follow deletions until it
is time to compare again. Everything is derived again each time and each step can be done twice, so crashes,
missed events and a second replica do no harm.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from batterysim.change_kind import ChangeKind
from batterysim.names import FieldManager
from batterysim.process.logs import about
from batterysim.status import Phase
from batterysim_bridge.cluster.cluster import Cluster, ClusterError, StatusConflictError, SupersededError
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.intake.intake import has_failed
from batterysim_bridge.intake.status_patch import result_status
from batterysim_bridge.live.change import Change
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.store.checkpoints import CheckpointStore
from batterysim_bridge.store.store import ResultKey, ResultStore, StoredEntry
from batterysim_bridge.store.threads import call_store
from batterysim_bridge.upkeep.living import living_uids
from batterysim_bridge.upkeep.one_by_one import OneByOne
from batterysim_bridge.upkeep.orphans import Watchlist, orphans
from batterysim_bridge.upkeep.restored import count_cleanup

CLEANUP_SECONDS = 300.0
RETRY_SECONDS = 5

logger = logging.getLogger(__name__)


def unreported(stored: Iterable[StoredEntry], simulations: Iterable[ObjectState]) -> list[ObjectState]:
    """Return the simulations whose result is stored, but not in their status; one that failed stays so."""
    stored_uids = {entry.key.uid for entry in stored}
    return [
        simulation
        for simulation in simulations
        if simulation.uid in stored_uids and not simulation.has_result and simulation.phase != Phase.FAILED
    ]


def useless_checkpoints(saved: Iterable[StoredEntry], simulations: Iterable[ObjectState]) -> list[ResultKey]:
    """Return the checkpoints of simulations that have ended, which nobody would go on with."""
    ended = {item.uid for item in simulations if item.has_result or has_failed(item)}
    return [entry.key for entry in saved if entry.key.uid in ended]


class Collector:
    """Cleans up and follows deletions. `clock` gives the time in UTC."""

    def __init__(
        self,
        cluster: Cluster,
        simulations: ObjectCache,
        store: ResultStore,
        checkpoints: CheckpointStore,
        bridge_url: str,
        metrics: Metrics,
        clock: Callable[[], datetime],
        watchlist: Watchlist,
    ) -> None:
        self._cluster = cluster
        self._simulations = simulations
        self._store = store
        self._checkpoints = checkpoints
        self._bridge_url = bridge_url
        self._metrics = metrics
        self._clock = clock
        self._watchlist = watchlist
        self._removals = OneByOne("removing a result")
        self._reports = OneByOne("reporting a result")
        self._deleted: list[ResultKey] = []

    async def run(self) -> None:
        """Keep the results in step until cancelled, or until the bridge is about to end."""
        await self._simulations.filled()
        while not self._simulations.is_closed:
            try:
                await self._clean_up_and_follow()
            except (ClusterError, OSError) as error:
                logger.warning("the store cannot be reconciled yet, retrying: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                logger.exception("the collector failed, trying again")
                await asyncio.sleep(RETRY_SECONDS)

    async def _clean_up_and_follow(self) -> None:
        with self._simulations.changes() as changes:
            await self.clean_up()
            loop = asyncio.get_running_loop()
            next_cleanup = loop.time() + CLEANUP_SECONDS
            while not changes.is_closed and (left := next_cleanup - loop.time()) > 0:
                await self.follow(await changes.gather(left))

    async def clean_up(self) -> None:
        """Compare everything once, and put it right."""
        await self.follow(())
        # The store first: a result that is stored between the two has its object in memory, or soon has.
        others, restored = await call_store(self._sign), await self._count()
        stored = await call_store(lambda: list(self._store.entries()))
        saved = await call_store(lambda: list(self._checkpoints.entries()))
        simulations = self._simulations.in_namespace(None)
        await self._remove_orphans(stored + saved, {item.uid for item in simulations}, others, restored)
        await self._removals.run(useless_checkpoints(saved, simulations), self._remove_checkpoint)
        missing = {_key(simulation): simulation for simulation in unreported(stored, simulations)}
        await self._reports.run(missing, lambda key: self._report(missing[key]))
        await call_store(self._store.clean, self._clock())
        self._metrics.store_results.set(len(stored))
        self._metrics.store_bytes.set(sum(entry.size_bytes for entry in stored + saved))

    def _sign(self) -> frozenset[str]:
        """Sign the store; return the other releases that have."""
        if (owner := self._watchlist.owner) is None:
            return self._store.owners()
        self._store.sign(owner)
        return self._store.owners() - {owner}

    async def _count(self) -> str | None:
        """Count this cleanup; return how it is known that the cluster was restored, or None."""
        if (owner := self._watchlist.owner) is None:
            return None
        return await count_cleanup(self._cluster, self._store, owner, accepts=self._watchlist.takes_all)

    async def _remove_orphans(
        self,
        stored: list[StoredEntry],
        known_uids: set[str],
        others: frozenset[str],
        restored: str | None,
    ) -> None:
        """Remove results whose object has been gone for long, which the API server itself has to confirm.

        The state in memory may be old: a watch can have lost its connection without having noticed it.
        Deletions that are seen remove at once, see `follow`.
        """
        scopes = self._simulations.scopes
        living = known_uids
        if found := orphans(stored, known_uids, scopes):
            confirmed = await living_uids(self._cluster, scopes)
            living = known_uids.union(*confirmed.values())
            found = orphans(stored, living, confirmed)
        stored_uids = {entry.key.uid for entry in stored}
        verdict = self._watchlist.judge(found, stored_uids, living, others, restored)
        self._metrics.orphans.labels("waiting").set(len(found) - len(verdict.due))
        self._metrics.orphans.labels("refused").set(len(verdict.due) - len(verdict.removable))
        if verdict.refusal is not None:
            logger.error("nothing is removed: %s", verdict.refusal)
        await self._removals.run(verdict.removable, self._remove)

    async def follow(self, changes: Iterable[Change]) -> None:
        """Remove the results of objects that the API server said were deleted, and of those before them."""
        self._deleted += [
            _key(change.state)
            for change in changes
            if change.kind is ChangeKind.DELETED and change.is_witnessed
        ]
        self._deleted = await self._removals.run(self._deleted, self._remove)

    async def _remove_checkpoint(self, key: ResultKey) -> None:
        await call_store(self._checkpoints.remove, key)

    async def _remove(self, key: ResultKey) -> None:
        await call_store(self._checkpoints.remove, key)
        if await call_store(self._store.remove, key):
            logger.info(
                "removed a result: its object is gone",
                extra={"object": {"namespace": key.namespace, "uid": key.uid}},
            )

    async def _report(self, simulation: ObjectState) -> None:
        record = await call_store(self._store.find, _key(simulation))
        if record is None:
            return
        try:
            await self._cluster.apply_status(
                simulation,
                result_status(record, self._bridge_url),
                FieldManager.BRIDGE,
                force=True,
                unless=has_failed,
            )
            logger.info(
                "reported a result that was stored, but not in status",
                extra=about(*simulation.identity),
            )
        except (StatusConflictError, SupersededError) as conflict:
            logger.info(
                "left a status to the next cleanup: %s",
                conflict,
                extra=about(*simulation.identity),
            )


def _key(simulation: ObjectState) -> ResultKey:
    return ResultKey(simulation.namespace, simulation.uid)
