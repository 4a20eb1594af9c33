"""The road of one sweep: observe it, decide, do it. All that is clever is in `reconcile.sweep`."""

import logging
from collections.abc import Callable
from datetime import datetime

from batterysim.names import SWEEP_KIND, FieldManager, sweep_job_name
from batterysim.problem import InvalidSpecError
from batterysim.process.logs import about
from batterysim.sweep.cluster.judge import SweepJudge
from batterysim_kube.api_server import Json
from batterysim_kube.errors import ApiException, Conflict, NotFound
from batterysim_operator.control.cluster import Cluster
from batterysim_operator.control.job_creation import create_job
from batterysim_operator.control.workqueue import Key
from batterysim_operator.reconcile.events import build_event, transition_between
from batterysim_operator.reconcile.observation import Observation, Refusal, is_settled
from batterysim_operator.reconcile.runner_settings import RunnerSettings
from batterysim_operator.reconcile.sweep.decision import (
    SweepDecision,
    SweepVerdict,
    needs_verdict,
    reconcile_sweep,
)
from batterysim_operator.reconcile.sweep.status import differs

logger = logging.getLogger(__name__)

AT_ONCE = 0.0


class SweepController:
    """Brings sweeps from `kubectl apply` to their end."""

    def __init__(
        self, cluster: Cluster, judge: SweepJudge, settings: RunnerSettings, clock: Callable[[], datetime]
    ) -> None:
        self._cluster = cluster
        self._judge = judge
        self._settings = settings
        self._clock = clock

    async def reconcile(self, key: Key) -> float | None:
        """Look at one sweep and do what is due; return after how many seconds to look again."""
        sweep = await self._cluster.sweep(*key)
        if sweep is None or is_settled(sweep):
            return None
        seen = await self._observe(sweep)
        verdict = await self._verdict(sweep) if needs_verdict(seen) else None
        return await self._act(seen, verdict, key)

    async def _observe(self, sweep: Json, refusal: Refusal | None = None) -> Observation:
        namespace, uid = sweep["metadata"]["namespace"], sweep["metadata"]["uid"]
        # The pods last: a Job that has failed because of a pod is never seen beside the pod's earlier state.
        job = await self._cluster.job(namespace, sweep_job_name(uid))
        if job is None:
            return Observation(sweep, None, (), self._clock(), refusal)
        pods = await self._cluster.telling_pods_of(job, uid)
        complaint = None if pods else await self._cluster.complaint_about(job)
        return Observation(sweep, job, pods, self._clock(), job_complaint=complaint)

    async def _verdict(self, sweep: Json) -> SweepVerdict:
        try:
            return await self._judge.sweep(sweep["metadata"]["namespace"], sweep["spec"])
        except InvalidSpecError as error:
            return error

    async def _act(self, seen: Observation, verdict: SweepVerdict | None, key: Key) -> float | None:
        decision = reconcile_sweep(seen, verdict, self._settings)
        if decision.job_edit is not None:
            await self._change_job(seen, decision.job_edit)
            logger.info("changed the Job to what spec.run says now", extra=about(*key))
        before = after = dict(seen.simulation)
        if decision.status is not None and differs(decision.status, seen.status):
            try:
                after = await self._cluster.apply_status(
                    before, decision.status, FieldManager.OPERATOR, SWEEP_KIND
                )
            except Conflict:
                return AT_ONCE  # it has changed since it was read: decide again on what is there now
            except NotFound:
                return None
        refusal = None if decision.job is None else await create_job(self._cluster, decision.job, key)
        await self._tell(before, after, key)
        await self._finish(seen, decision, key)
        if refusal is not None:
            return await self._act(await self._observe(after, refusal), verdict, key)
        return decision.requeue_after_seconds

    async def _finish(self, seen: Observation, decision: SweepDecision, key: Key) -> None:
        for pod in decision.lost_pods:
            await self._cluster.give_up_pod(pod)
            logger.warning("gave up pod %s: its node is lost", pod["metadata"]["name"], extra=about(*key))
        if decision.job_tidying is None:
            return
        try:
            await self._change_job(seen, decision.job_tidying)
        except NotFound:
            return
        except ApiException as error:
            logger.warning("the Job is left to its time-to-live: %s", error.reason, extra=about(*key))

    async def _change_job(self, seen: Observation, change: Json) -> None:
        namespace = seen.simulation["metadata"]["namespace"]
        await self._cluster.change_job(namespace, sweep_job_name(seen.uid), change)

    async def _tell(self, before: Json, after: Json, key: Key) -> None:
        transition = transition_between(before.get("status") or {}, after.get("status") or {})
        if transition is None:
            return
        logger.info("%s: %s", transition.reason, transition.message, extra=about(*key))
        try:
            await self._cluster.create_event(build_event(after, transition, self._clock(), SWEEP_KIND))
        except ApiException as error:  # an event is a courtesy: the sweep goes on without it
            logger.warning(
                "the event %s was not created: %s", transition.reason, error.reason, extra=about(*key)
            )
