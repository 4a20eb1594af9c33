"""Hands simulations out to shared runners, and notes what becomes of them."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from batterysim.change_kind import ChangeKind
from batterysim.names import FieldManager
from batterysim.process.logs import about
from batterysim.spec.run_policy import Run
from batterysim.spec.simulation import RUN_FIELDS
from batterysim.status import Claim, Outcome
from batterysim_bridge.cluster.cluster import Cluster, ClusterError
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.simulation import to_simulation
from batterysim_bridge.http.problem import ENDED, ProblemError
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.shared import claims
from batterysim_bridge.shared.claims import Host, SignOfLife
from batterysim_bridge.shared.waiting_line import WaitingLine

ROUND_SECONDS = 1.0
SIGNS_KEPT = timedelta(minutes=10)
TRIES = 5

logger = logging.getLogger(__name__)


class Work(NamedTuple):
    """A simulation that was handed out.

    spec: its physics, as the API server had it when it took the claim.
    credential: what the runner has to show with everything that it sends about this attempt.
    seconds_left: until the deadline.
    """

    namespace: str
    name: str
    uid: str
    attempt: int
    credential: str
    spec: Mapping[str, Any]
    seconds_left: float


class Attempt(NamedTuple):
    """An attempt that a runner says it has."""

    name: str
    uid: str
    number: int


class Desk:
    """One for each bridge; several bridges may serve the same runners. `clock` gives the time in UTC."""

    def __init__(
        self,
        cluster: Cluster,
        simulations: ObjectCache,
        namespaces: frozenset[str],
        clock: Callable[[], datetime],
    ) -> None:
        self._cluster = cluster
        self._simulations = simulations
        self.namespaces = namespaces
        self._clock = clock
        self._line = WaitingLine()
        self._under_way: dict[str, ObjectState] = {}
        self._claiming: dict[str, int] = {}  # the versions that are being written at this moment
        self._signs: dict[str, SignOfLife] = {}
        self._watching_since = clock()

    async def run(self) -> None:
        """Follow all simulations, and look for runners that are gone, until cancelled."""
        with self._simulations.changes() as changes:
            for simulation in self._simulations.in_namespace(None):
                self._note(simulation)
            self._watching_since = self._clock()
            due = self._clock()
            while not changes.is_closed:
                for change in await changes.gather(ROUND_SECONDS):
                    if change.kind is ChangeKind.DELETED:
                        self._line.forget(change.state)
                        self._under_way.pop(change.state.uid, None)
                    else:
                        self._note(change.state)
                if self._clock() >= due:
                    due = self._clock() + timedelta(seconds=ROUND_SECONDS)
                    await self._look_for_losses()
        self._line.close()

    def offer(self, created: Mapping[str, Any]) -> None:
        """Have an object that this bridge has just created handed out before the watch shows it."""
        self._note(to_simulation(created))

    async def take(self, namespace: str, host: Host, seconds: float) -> Work | None:
        """Return the next simulation, which is this runner's from then on; None if none came in time."""
        self._sign(host)
        until = self._clock() + timedelta(seconds=seconds)
        while True:
            while (simulation := self._line.pop(namespace)) is not None:
                if (work := await self._claim(simulation, host)) is not None:
                    return work
            left = (until - self._clock()).total_seconds()
            if left <= 0 or not await self._line.arrival(namespace, left):
                return None

    async def beat(self, namespace: str, host: Host, attempts: Iterable[Attempt]) -> list[Attempt]:
        """Take note that a runner is there and at which attempts; return those that it is to stop."""
        attempts = list(attempts)
        self._sign(host, frozenset((attempt.uid, attempt.number) for attempt in attempts))
        stop = []
        for attempt in attempts:
            simulation = self._simulations.get(namespace, attempt.name)
            if simulation is None or not self._is_current(simulation, host, attempt):
                # The watch may be a moment behind the claim.
                simulation = await self._cluster.state(namespace, attempt.name)
            if simulation is None or not self._is_current(simulation, host, attempt):
                stop.append(attempt)
            elif claims.is_due_for_renewal(simulation, self._clock()):
                await self._write(simulation, claims.renewed(simulation, self._clock()))
        return stop

    async def identify(self, credential: str, namespace: str, name: str) -> ObjectState:
        """Return the simulation whose attempt under way the credential belongs to.

        Raises:
            ProblemError: it belongs to none.
        """
        simulation = self._simulations.get(namespace, name)
        if simulation is None or not claims.holds(credential, simulation):
            simulation = await self._cluster.state(namespace, name)
        if simulation is None or not claims.holds(credential, simulation):
            # The same whether or not it is there: without a credential nobody learns which simulations are.
            raise ProblemError(ENDED, f"the attempt at {name!r} is over, or another runner has it")
        return simulation

    async def end(self, credential: str, simulation: ObjectState, outcome: Outcome) -> None:
        """Take note of how an attempt ended without a result.

        Raises:
            ProblemError: it has ended before, or another runner has it meanwhile.
        """
        for _ in range(TRIES):
            if await self._write(simulation, claims.ended(simulation, outcome)):
                return
            current = await self._cluster.state(simulation.namespace, simulation.name)
            if current is None or current.uid != simulation.uid or not claims.holds(credential, current):
                raise ProblemError(ENDED, f"the attempt at {simulation.name!r} is over")
            simulation = current
        raise ClusterError(f"the status of {simulation.name!r} changed at each of {TRIES} tries")

    async def _claim(self, simulation: ObjectState, host: Host) -> Work | None:
        credential = claims.new_credential()
        claim = claims.new_claim(simulation, host, credential, self._clock())
        self._claiming[simulation.uid] = simulation.version
        try:
            raw = await self._write(simulation, claim)
        except ClusterError:
            self._line.note(simulation)
            raise
        finally:
            self._claiming.pop(simulation.uid, None)
        if raw is None:
            return None  # changed, taken by another bridge, or gone: the watch tells which
        logger.info(
            "attempt %d is handed out to %s", claim.attempt, host.pod, extra=about(*simulation.identity)
        )
        spec = raw["spec"]
        seconds = (spec.get("run") or {}).get("deadlineSeconds", Run().deadline_seconds)
        created = datetime.fromisoformat(raw["metadata"]["creationTimestamp"])
        return Work(
            *simulation.identity,
            attempt=claim.attempt,
            credential=credential,
            spec={field: value for field, value in spec.items() if field not in RUN_FIELDS},
            seconds_left=seconds - (self._clock() - created).total_seconds(),
        )

    async def _write(self, simulation: ObjectState, claim: Claim) -> dict[str, Any] | None:
        """Write a claim, if nothing has changed since; return the object as it then is."""
        raw = await self._cluster.apply_status_once(
            simulation, {"claim": claim.to_json_dict()}, FieldManager.CLAIM
        )
        if raw is not None:
            self._note(to_simulation(raw))
        return raw

    def _note(self, simulation: ObjectState) -> None:
        """Take note of how a simulation is, unless something newer is known."""
        if simulation.namespace not in self.namespaces or simulation.shared is None:
            return
        known = self._under_way.get(simulation.uid)
        if known is not None and known.version > simulation.version:
            return
        if simulation.version <= self._claiming.get(simulation.uid, -1):
            return
        self._line.note(simulation)
        if claims.is_under_way(simulation):
            self._under_way[simulation.uid] = simulation
        else:
            self._under_way.pop(simulation.uid, None)

    def _sign(self, host: Host, attempts: frozenset[tuple[str, int]] | None = None) -> None:
        before = self._signs.get(host.pod_uid)
        if attempts is None and before is not None and before.process == host.process:
            return  # what it said of its attempts belongs to the time when it said so
        self._signs[host.pod_uid] = SignOfLife(host.process, self._clock(), attempts)

    def _is_current(self, simulation: ObjectState, host: Host, attempt: Attempt) -> bool:
        return (
            simulation.uid == attempt.uid
            and not simulation.is_being_deleted
            and claims.is_under_way(simulation)
            and claims.is_of(simulation, host, attempt.number)
        )

    async def _look_for_losses(self) -> None:
        now = self._clock()
        self._signs = {uid: sign for uid, sign in self._signs.items() if now - sign.time < SIGNS_KEPT}
        for simulation in list(self._under_way.values()):
            sign = self._signs.get(claims.host_uid(simulation))
            if (outcome := claims.loss(simulation, sign, now, self._watching_since)) is None:
                continue
            logger.warning("%s", outcome.message, extra=about(*simulation.identity))
            try:
                await self._write(simulation, claims.ended(simulation, outcome))
            except ClusterError as error:
                logger.warning("that could not be written: %s", error, extra=about(*simulation.identity))
                await asyncio.sleep(ROUND_SECONDS)
                return
