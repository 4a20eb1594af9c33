"""The road of one simulation: observe it, decide, do it. All that is clever is in `reconcile`."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from batterysim.checks.judge import Judge
from batterysim.names import FieldManager, job_name
from batterysim.problem import InvalidSpecError
from batterysim.process.logs import about
from batterysim_kube.api_server import Json
from batterysim_kube.errors import ApiException, Conflict, NotFound
from batterysim_operator import metrics
from batterysim_operator.control.cluster import Cluster
from batterysim_operator.control.job_creation import create_job
from batterysim_operator.control.job_queue import NO_LIMITS, JobQueue
from batterysim_operator.control.other_releases import OtherReleases
from batterysim_operator.control.recent import Recent
from batterysim_operator.control.workqueue import Key
from batterysim_operator.reconcile.decision import needs_verdict, reconcile, way_of
from batterysim_operator.reconcile.earlier import MOST_LINKS, earlier_name, is_waiting, wait_for_earlier
from batterysim_operator.reconcile.events import Transition, build_event, transition_between
from batterysim_operator.reconcile.observation import Manifest, Observation, Verdict, is_settled
from batterysim_operator.reconcile.runner_settings import RunnerSettings
from batterysim_operator.reconcile.status import differs

logger = logging.getLogger(__name__)

AT_ONCE = 0.0


class SimulationController:
    """Brings simulations from `kubectl apply` to their end."""

    def __init__(
        self,
        cluster: Cluster,
        judge: Judge,
        settings: RunnerSettings,
        clock: Callable[[], datetime],
        jobs: JobQueue | None = None,
        recent: Recent | None = None,
    ) -> None:
        self._cluster = cluster
        self._judge = judge
        self._settings = settings
        self._clock = clock
        self._jobs = JobQueue(NO_LIMITS) if jobs is None else jobs
        self._recent = Recent() if recent is None else recent
        self._others = OtherReleases(settings.release)

    async def reconcile(self, key: Key) -> float | None:
        """Look at one simulation and do what is due; return after how many seconds to look again."""
        recent = self._recent.take(key)
        simulation = await self._cluster.simulation(*key) if recent is None else {**recent}
        if simulation is None or is_settled(simulation):
            return None
        seen = await self._observe(simulation, key)
        if seen.job is not None and (other := self._others.notice(seen.job)) is not None:
            logger.warning("%s", other.message, extra=about(*key))
            await self._create_event(simulation, other, key)
        if needs_verdict(seen):
            seen = replace(seen, verdict=await self._verdict(simulation))
        return await self._act(seen, key)

    async def _verdict(self, simulation: Json) -> Verdict:
        try:
            return await self._judge.spec(simulation["metadata"]["namespace"], simulation["spec"])
        except InvalidSpecError as error:
            return error

    async def _act(self, seen: Observation, key: Key) -> float | None:
        decision = reconcile(seen, self._settings)
        if decision.job_edit is not None:
            await self._cluster.change_job(*_job_of(seen), decision.job_edit)
            logger.info("changed the Job to what spec.run says now", extra=about(*key))
        before = after = dict(seen.simulation)
        if decision.status is not None and differs(decision.status, seen.status):
            try:
                after = await self._cluster.apply_status(before, decision.status, FieldManager.OPERATOR)
            except Conflict:
                return AT_ONCE  # it has changed since it was read: decide again on what is there now
            except NotFound:
                return None
        refusal = None if decision.job is None else await create_job(self._cluster, decision.job, key)
        await self._tell(before, after, key)
        if decision.lost_pod is not None:
            await self._give_up(decision.lost_pod, key)
        if decision.job_tidying is not None:
            await self._tidy(seen, decision.job_tidying, key)
        if refusal is not None:
            return await self._act(replace(seen, simulation=after, refusal=refusal), key)
        return decision.requeue_after_seconds

    async def _give_up(self, pod: Manifest, key: Key) -> None:
        """Delete a pod whose node is gone: if it should run there all the same, the first result wins."""
        await self._cluster.give_up_pod(pod)
        logger.warning("gave up pod %s: its node is lost", pod["metadata"]["name"], extra=about(*key))

    async def _tidy(self, seen: Observation, change: Json, key: Key) -> None:
        """Make a Job go whose end is recorded. If that fails, it stays for a day."""
        try:
            await self._cluster.change_job(*_job_of(seen), change)
        except NotFound:
            return
        except ApiException as error:
            logger.warning("the Job is left to its time-to-live: %s", error.reason, extra=about(*key))

    async def _observe(self, simulation: Json, key: Key) -> Observation:
        metadata = simulation["metadata"]
        # A simulation that never had a Job has none now, which saves two reads on the way to a new pod.
        if "jobName" not in (simulation.get("status") or {}):
            earlier, waits, circle = await self._earlier(simulation)
            wants_job = not waits and way_of(simulation, self._settings).isolation == "Job"
            place = self._jobs.ask(key, metadata["creationTimestamp"]) if wants_job else 0
            now = self._clock()
            return Observation(simulation, None, (), now, place=place, earlier=earlier, circle=circle)
        # The pods last: a Job that has failed because of a pod is never seen beside the pod's earlier state.
        job = await self._cluster.job(metadata["namespace"], job_name(metadata["uid"]))
        if job is None:
            return Observation(simulation, None, (), self._clock())
        pods = await self._cluster.pods_of(job, metadata["uid"])
        complaint = None if pods else await self._cluster.complaint_about(job)
        return Observation(simulation, job, pods, self._clock(), job_complaint=complaint)

    async def _earlier(self, simulation: Json) -> tuple[Json | None, bool, Sequence[str]]:
        """Return what this one goes on from, whether it waits for that, and the circle that it waits in."""
        if (name := earlier_name(simulation.get("spec") or {})) is None:
            return None, False, ()
        earlier = await self._cluster.simulation(simulation["metadata"]["namespace"], name)
        if wait_for_earlier(name, earlier) is None:
            return earlier, False, ()
        return earlier, True, await self._circle([simulation["metadata"]["name"], name], earlier)

    async def _circle(self, chain: list[str], last: Json | None) -> Sequence[str]:
        """Return those of a chain that wait for one another, if its last one leads back into it."""
        while last is not None and is_waiting(last) and len(chain) <= MOST_LINKS:
            name = earlier_name(last["spec"])
            if name is None or name in chain:
                return () if name is None else chain[chain.index(name) :]
            chain.append(name)
            last = await self._cluster.simulation(last["metadata"]["namespace"], name)
        return ()

    async def _tell(self, before: Json, after: Json, key: Key) -> None:
        transition = transition_between(before.get("status") or {}, after.get("status") or {})
        if transition is None:
            return
        logger.info("%s: %s", transition.reason, transition.message, extra=about(*key))
        metrics.count_transition(transition, after)
        await self._create_event(after, transition, key)

    async def _create_event(self, simulation: Json, transition: Transition, key: Key) -> None:
        try:
            await self._cluster.create_event(build_event(simulation, transition, self._clock()))
        except ApiException as error:  # an event is a courtesy: the simulation goes on without it
            logger.warning(
                "the event %s was not created: %s", transition.reason, error.reason, extra=about(*key)
            )


def _job_of(seen: Observation) -> tuple[str, str]:
    """Return where the Job of a simulation is."""
    return str(seen.simulation["metadata"]["namespace"]), job_name(seen.uid)
