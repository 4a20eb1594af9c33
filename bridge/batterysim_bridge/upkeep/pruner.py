"""Removes results by the retention limits, and says so in the objects' status.

Every few minutes everything is derived again. The status comes first: a crash between the two steps leaves a
result that the next round removes, and never a status that promises what is gone. Two replicas remove the
same results, which does no harm.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from batterysim.names import FieldManager
from batterysim.process.logs import about
from batterysim_bridge.cluster.cluster import Cluster, ClusterError, StatusConflictError
from batterysim_bridge.intake.status_patch import removed_result_status
from batterysim_bridge.live.simulation import Simulation
from batterysim_bridge.live.simulations import Simulations
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.store.store import ResultStore
from batterysim_bridge.store.threads import call_store
from batterysim_bridge.upkeep.retention import Removal, RetentionLimits, due

INTERVAL_SECONDS = 600

logger = logging.getLogger(__name__)


def is_held(simulation: Simulation) -> bool:
    """Tell whether somebody still waits for the result: the operator, or the receiver of a callback."""
    callback = simulation.status.get("callback", {})
    return not simulation.has_ended or "nextAttemptTime" in callback


class Pruner:
    """Removes results. `clock` gives the time in UTC."""

    def __init__(
        self,
        cluster: Cluster,
        simulations: Simulations,
        store: ResultStore,
        limits: RetentionLimits,
        bridge_url: str,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._cluster = cluster
        self._simulations = simulations
        self._store = store
        self._limits = limits
        self._bridge_url = bridge_url
        self._metrics = metrics
        self._clock = clock

    async def run(self) -> None:
        """Remove results until cancelled; at once done if nothing limits them."""
        if not self._limits.are_set:
            return
        await self._simulations.filled()
        while True:
            try:
                await self.prune()
            except (ClusterError, OSError) as error:
                logger.warning("retention is postponed to the next sweep: %s", error)
            except Exception:
                logger.exception("retention failed, retrying in the next sweep")
            await asyncio.sleep(INTERVAL_SECONDS)

    async def prune(self) -> None:
        """Remove what is due now."""
        stored = await call_store(lambda: list(self._store.entries()))
        # A result without its object is the collector's.
        known = {item.uid: item for item in self._simulations.in_namespace(None)}
        ours = [entry for entry in stored if entry.key.uid in known]
        for removal in due(ours, self._limits, self._clock(), lambda key: is_held(known[key.uid])):
            await self._remove(known[removal.key.uid], removal)

    async def _remove(self, simulation: Simulation, removal: Removal) -> None:
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
