"""Keeps store and cluster in step: no result without its object, no stored result unreported.

For ever: compare what is stored with the simulations in memory, put right what differs, then follow deletions
until it is time to compare again. Everything is derived anew each time and each step can be done twice, so
crashes, missed events and a second replica do no harm.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from batterysim.change_kind import ChangeKind
from batterysim.logs import about
from batterysim.names import FieldManager
from batterysim.status import Phase
from batterysim_bridge.cluster.cluster import Cluster, ClusterError, StatusConflictError
from batterysim_bridge.intake.status_patch import result_status
from batterysim_bridge.live.change import Change
from batterysim_bridge.live.simulation import Simulation
from batterysim_bridge.live.simulations import Scope, Simulations
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.store.checkpoints import CheckpointStore
from batterysim_bridge.store.store import ResultKey, ResultStore, StoredEntry

SWEEP_SECONDS = 300.0
RETRY_SECONDS = 5
# Deletions that are seen remove at once. The sweep may be wrong (a cluster restored from a backup, a
# bridge pointed at another cluster), so it leaves time to notice.
GRACE = timedelta(minutes=10)

logger = logging.getLogger(__name__)


def orphans(
    stored: Iterable[StoredEntry], living_uids: Collection[str], scopes: Collection[Scope], now: datetime
) -> list[ResultKey]:
    """Return the results whose object is gone. `scopes` are the namespaces that were listed; None: all."""
    return [
        entry.key
        for entry in stored
        if (None in scopes or entry.key.namespace in scopes)
        and entry.key.uid not in living_uids
        and now - entry.stored_time > GRACE
    ]


def unreported(stored: Iterable[StoredEntry], simulations: Iterable[Simulation]) -> list[Simulation]:
    """Return the simulations whose result is stored, but not in their status; one that failed stays so."""
    stored_uids = {entry.key.uid for entry in stored}
    return [
        simulation
        for simulation in simulations
        if simulation.uid in stored_uids and not simulation.has_result and simulation.phase != Phase.FAILED
    ]


class Collector:
    """Sweeps and follows deletions. `clock` gives the time in UTC."""

    def __init__(
        self,
        cluster: Cluster,
        simulations: Simulations,
        store: ResultStore,
        checkpoints: CheckpointStore,
        bridge_url: str,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._cluster = cluster
        self._simulations = simulations
        self._store = store
        self._checkpoints = checkpoints
        self._bridge_url = bridge_url
        self._metrics = metrics
        self._clock = clock

    async def run(self) -> None:
        """Keep the results in step until cancelled, or until the bridge is about to end."""
        await self._simulations.filled()
        while not self._simulations.is_closed:
            try:
                await self._sweep_and_follow()
            except (ClusterError, OSError) as error:
                logger.warning("the store is not in step yet, trying again: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                logger.exception("the collector failed, trying again")
                await asyncio.sleep(RETRY_SECONDS)

    async def _sweep_and_follow(self) -> None:
        with self._simulations.changes() as changes:
            await self.sweep()
            loop = asyncio.get_running_loop()
            next_sweep = loop.time() + SWEEP_SECONDS
            while not changes.is_closed and (left := next_sweep - loop.time()) > 0:
                await self.follow(await changes.gather(left))

    async def sweep(self) -> None:
        """Compare everything once, and put it right."""
        # The store first: a result that is stored between the two has its object in memory, or soon has.
        stored = await asyncio.to_thread(lambda: list(self._store.entries()))
        saved = await asyncio.to_thread(lambda: list(self._checkpoints.entries()))
        simulations = self._simulations.in_namespace(None)
        now = self._clock()
        for key in await self._orphans(stored + saved, {item.uid for item in simulations}, now):
            await self._remove(key)
        for simulation in unreported(stored, simulations):
            await self._report(simulation)
        await asyncio.to_thread(self._store.clean, now)
        self._metrics.store_results.set(len(stored))
        self._metrics.store_bytes.set(sum(entry.size_bytes for entry in stored))

    async def _orphans(
        self, stored: list[StoredEntry], known_uids: set[str], now: datetime
    ) -> list[ResultKey]:
        """Return the results whose object is gone, which the API server itself has to confirm.

        What is in memory may be old: a watch can have lost its connection without having noticed it.
        """
        scopes = self._simulations.scopes
        if not orphans(stored, known_uids, scopes, now):
            return []
        living = [await self._cluster.living_uids(scope) for scope in scopes]
        return orphans(stored, known_uids.union(*living), scopes, now)

    async def follow(self, changes: Iterable[Change]) -> None:
        """Remove the results of objects that the API server said were deleted."""
        for change in changes:
            if change.kind is ChangeKind.DELETED and change.is_witnessed:
                await self._remove(ResultKey(change.simulation.namespace, change.simulation.uid))

    async def _remove(self, key: ResultKey) -> None:
        await asyncio.to_thread(self._checkpoints.remove, key)
        if await asyncio.to_thread(self._store.remove, key):
            logger.info(
                "removed a result: its object is gone",
                extra={"object": {"namespace": key.namespace, "uid": key.uid}},
            )

    async def _report(self, simulation: Simulation) -> None:
        record = await asyncio.to_thread(self._store.find, ResultKey(simulation.namespace, simulation.uid))
        if record is None:
            return
        try:
            await self._cluster.apply_status(
                simulation, result_status(record, self._bridge_url), FieldManager.BRIDGE, force=True
            )
            logger.info(
                "reported a result that was stored, but not in status",
                extra=about(*simulation.identity),
            )
        except StatusConflictError as conflict:
            logger.info(
                "left a status to the next sweep: %s",
                conflict,
                extra=about(*simulation.identity),
            )
