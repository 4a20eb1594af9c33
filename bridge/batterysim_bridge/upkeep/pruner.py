"""Removes results by the retention limits, and says so in the objects' status.

Every few minutes everything is derived again. The status comes first: a crash between the two steps leaves a
result that the next round removes, and never a status that promises what is gone. Two replicas remove the
same results, which does no harm.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from batterysim.names import FieldManager
from batterysim.process.logs import about
from batterysim_bridge.cluster.cluster import Cluster, ClusterError, StatusConflictError
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.intake.status_patch import removed_result_status
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.store.store import ResultKey, ResultStore, StoredEntry
from batterysim_bridge.store.threads import call_store
from batterysim_bridge.upkeep.noticed import Noticed
from batterysim_bridge.upkeep.one_by_one import OneByOne
from batterysim_bridge.upkeep.retention import Removal, RemovalReason, RetentionLimits, due, over, portion

INTERVAL_SECONDS = 600

logger = logging.getLogger(__name__)


def is_held(simulation: ObjectState) -> bool:
    """Tell whether somebody still waits for the result: the operator, or the receiver of a callback."""
    return not simulation.has_ended or simulation.owes_callback


class PrunedSweeps(Protocol):
    """The tables of sweeps, which count like results."""

    async def stored(self) -> list[StoredEntry]:
        """List the stored tables."""

    def known(self) -> Mapping[str, ObjectState]:
        """Return the sweeps, by UID."""

    async def remove(self, sweep: ObjectState, message: str) -> bool:
        """Remove a table, and say so in the sweep's status. Tells whether there was one."""


class Pruner:
    """Removes results. `clock` gives the time in UTC, `monotonic` seconds that only go forward."""

    def __init__(
        self,
        cluster: Cluster,
        simulations: ObjectCache,
        store: ResultStore,
        limits: RetentionLimits,
        bridge_url: str,
        metrics: Metrics,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sweeps: PrunedSweeps | None = None
        self._cluster = cluster
        self._simulations = simulations
        self._store = store
        self._limits = limits
        self._bridge_url = bridge_url
        self._metrics = metrics
        self._clock = clock
        self._noticed = Noticed[Removal](INTERVAL_SECONDS, monotonic)
        self._one_by_one = OneByOne("retention", monotonic)

    def include(self, sweeps: PrunedSweeps) -> None:
        """Count and remove the tables of sweeps, too."""
        self._sweeps = sweeps

    async def run(self) -> None:
        """Remove results until cancelled."""
        await self._simulations.filled()
        while True:
            try:
                await self.prune()
            except (ClusterError, OSError) as error:
                logger.warning("retention is postponed to the next cleanup: %s", error)
            except Exception:
                logger.exception("retention failed, retrying in the next cleanup")
            await asyncio.sleep(INTERVAL_SECONDS)

    async def prune(self) -> None:
        """Remove what is due now."""
        # A result without its object is the collector's.
        known = {item.uid: item for item in self._simulations.in_namespace(None)}
        sweeps = {} if self._sweeps is None else self._sweeps.known()
        everything = {**known, **sweeps}
        if not self._limits.are_set and all(item.result_kept_seconds is None for item in everything.values()):
            return
        stored = await call_store(lambda: list(self._store.entries()))
        if self._sweeps is not None:
            stored += await self._sweeps.stored()
        ours = [entry for entry in stored if entry.key.uid in everything]
        removals = portion(self._due(ours, everything), len(stored))
        await self._one_by_one.run(removals, lambda removal: self._remove_any(known, sweeps, removal))

    async def _remove_any(
        self, known: Mapping[str, ObjectState], sweeps: Mapping[str, ObjectState], removal: Removal
    ) -> None:
        if removal.key.uid in known:
            await self._remove(known[removal.key.uid], removal)
        elif self._sweeps is not None:
            message = self._limits.explain(removal.reason, "tableSeconds")
            if await self._sweeps.remove(sweeps[removal.key.uid], message):
                self._metrics.removed_results.labels(removal.reason).inc()

    def _due(self, ours: list[StoredEntry], known: Mapping[str, ObjectState]) -> list[Removal]:
        def held(key: ResultKey) -> bool:
            return is_held(known[key.uid])

        def kept_for(key: ResultKey) -> timedelta | None:
            seconds = known[key.uid].result_kept_seconds
            return None if seconds is None else timedelta(seconds=seconds)

        now = self._clock()
        removals = due(ours, self._limits, now, held)
        for_size = [removal for removal in removals if removal.reason is RemovalReason.SIZE]
        # Time is only believed when the clock still says so a round later.
        for_time = [removal for removal in removals if removal.reason is not RemovalReason.SIZE]
        return for_size + self._noticed.lasting(for_time + over(ours, now, kept_for, held))

    async def _remove(self, simulation: ObjectState, removal: Removal) -> None:
        record = await call_store(self._store.find, removal.key)
        if record is None:
            return
        message = self._limits.explain(removal.reason)
        status = removed_result_status(record, self._bridge_url, self._clock(), message)
        try:
            await self._cluster.apply_status(simulation, status, FieldManager.BRIDGE, force=True)
        except StatusConflictError as conflict:
            logger.info("left a result to the collector: %s", conflict, extra=about(*simulation.identity))
            return
        if await call_store(self._store.remove, removal.key):
            self._metrics.removed_results.labels(removal.reason).inc()
            logger.info("removed a result: %s", message, extra=about(*simulation.identity))
