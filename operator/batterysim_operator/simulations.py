"""The road of one simulation: observe it, decide, do it. All that is clever is in `reconcile`."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from batterysim.names import FieldManager, job_name
from batterysim_operator import metrics
from batterysim_operator.cluster import Cluster
from batterysim_operator.events import build_event, turn_between
from batterysim_operator.observation import Observation, is_settled
from batterysim_operator.reconcile import reconcile
from batterysim_operator.rest import ApiException, Conflict, Json, NotFound
from batterysim_operator.settings import RunnerSettings
from batterysim_operator.status import differs
from batterysim_operator.workqueue import Key

logger = logging.getLogger(__name__)

AT_ONCE = 0.0


class SimulationController:
    """Brings simulations from `kubectl apply` to their end."""

    def __init__(self, cluster: Cluster, settings: RunnerSettings, clock: Callable[[], datetime]) -> None:
        self._cluster = cluster
        self._settings = settings
        self._clock = clock

    async def look(self, key: Key) -> float | None:
        """Look at one simulation and do what is due; return after how many seconds to look again."""
        simulation = await self._cluster.simulation(*key)
        if simulation is None or is_settled(simulation):
            return None
        seen = await self._observe(simulation)
        decision = reconcile(seen, self._settings)
        after = simulation
        if decision.status is not None and differs(decision.status, seen.status):
            try:
                after = await self._cluster.apply_status(simulation, decision.status, FieldManager.OPERATOR)
            except Conflict:
                return AT_ONCE  # it has changed since it was read: decide again on what is there now
            except NotFound:
                return None
        if decision.job is not None:
            await self._cluster.create_job(decision.job)
            logger.info("%s: created Job %s", key, decision.job["metadata"]["name"])
        await self._tell(simulation, after, key)
        return decision.look_again_seconds

    async def _observe(self, simulation: Json) -> Observation:
        metadata = simulation["metadata"]
        # A simulation that never had a Job has none now, which saves two reads on the way to a new pod.
        if "jobName" not in (simulation.get("status") or {}):
            return Observation(simulation, None, (), self._clock())
        job, pods = await asyncio.gather(
            self._cluster.job(metadata["namespace"], job_name(metadata["uid"])),
            self._cluster.pods_of(metadata["namespace"], metadata["uid"]),
        )
        return Observation(simulation, job, pods, self._clock())

    async def _tell(self, before: Json, after: Json, key: Key) -> None:
        turn = turn_between(before.get("status") or {}, after.get("status") or {})
        if turn is None:
            return
        logger.info("%s: %s: %s", key, turn.reason, turn.message)
        metrics.count_turn(turn, after)
        try:
            await self._cluster.create_event(build_event(after, turn, self._clock()))
        except ApiException as error:  # an event is a courtesy: the simulation goes on without it
            logger.warning("%s: the event %s was not created: %s", key, turn.reason, error.reason)
