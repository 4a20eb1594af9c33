"""Keeps store and cluster in step: no result without its object, no stored result unreported.

For each namespace (or all at once), for ever: list, put right what differs, then follow deletions from the
moment of the list until the watch ends. Everything is derived anew each time and each step can be done
twice, so crashes, missed events and a second replica do no harm.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from contextlib import aclosing
from datetime import datetime, timedelta

from batterysim.logs import about
from batterysim.names import FieldManager
from batterysim.status import Phase
from batterysim_bridge.cluster import Cluster, ClusterError, Listing, Simulation, StatusConflictError
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.status_patch import result_status
from batterysim_bridge.store import ResultKey, ResultStore, StoredEntry

SWEEP_SECONDS = 300
RETRY_SECONDS = 5
# Deletions that are seen remove at once. The sweep may be wrong (a cluster restored from a backup, a
# bridge pointed at another cluster), so it leaves time to notice.
GRACE = timedelta(minutes=10)

logger = logging.getLogger(__name__)


def orphans(
    stored: Iterable[StoredEntry], living_uids: Collection[str], namespace: str | None, now: datetime
) -> list[ResultKey]:
    """Return the results whose object is gone. `namespace` is what was listed; None: all of them."""
    return [
        entry.key
        for entry in stored
        if (namespace is None or entry.key.namespace == namespace)
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
    """Sweeps and watches. `clock` gives the time in UTC."""

    def __init__(
        self,
        cluster: Cluster,
        store: ResultStore,
        bridge_url: str,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._cluster = cluster
        self._store = store
        self._bridge_url = bridge_url
        self._metrics = metrics
        self._clock = clock

    async def run(self, namespace: str | None) -> None:
        """Keep a namespace's results in step until cancelled; None: those of all namespaces."""
        while True:
            try:
                listing = await self.sweep(namespace)
                await self.follow_deletions(namespace, listing.resource_version)
            except (ClusterError, OSError) as error:
                logger.warning("the store is not in step yet, trying again: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                logger.exception("the collector failed, trying again")
                await asyncio.sleep(RETRY_SECONDS)

    async def sweep(self, namespace: str | None) -> Listing:
        """Compare everything once, and put it right."""
        # The store first: a result that is stored between the two has its object in the list.
        stored = await asyncio.to_thread(lambda: list(self._store.entries()))
        listing = await self._cluster.simulations(namespace)
        now = self._clock()
        for key in orphans(stored, {simulation.uid for simulation in listing.simulations}, namespace, now):
            await self._remove(key)
        for simulation in unreported(stored, listing.simulations):
            await self._report(simulation)
        await asyncio.to_thread(self._store.clean, now)
        self._metrics.store_results.set(len(stored))
        self._metrics.store_bytes.set(sum(entry.size_bytes for entry in stored))
        return listing

    async def follow_deletions(self, namespace: str | None, since: str) -> None:
        """Remove the results of objects as they are deleted, until the watch ends."""
        async with aclosing(self._cluster.deletions(namespace, since, SWEEP_SECONDS)) as deletions:
            async for simulation in deletions:
                await self._remove(ResultKey(simulation.namespace, simulation.uid))

    async def _remove(self, key: ResultKey) -> None:
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
