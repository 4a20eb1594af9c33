"""Delivers results to their receivers, until they are accepted."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from pydantic import ValidationError

from batterysim.failure import shorten
from batterysim.kubernetes_names import NotANameError
from batterysim.names import FieldManager, message_id
from batterysim.process.logs import about
from batterysim.results import is_of_failed_run
from batterysim.spec.run_policy import Callback
from batterysim.status import BatterySimulationStatus
from batterysim_kube.api_server import Json
from batterysim_kube.errors import Forbidden, NotFound
from batterysim_kube.status import apply_in_step
from batterysim_operator import metrics
from batterysim_operator.control.cluster import Cluster
from batterysim_operator.control.workqueue import Key
from batterysim_operator.delivery import callback
from batterysim_operator.delivery.body import Body
from batterysim_operator.delivery.destination import ForbiddenDestinationError
from batterysim_operator.delivery.receivers import Receivers, UnreachableError, place_of
from batterysim_operator.delivery.result_source import ResultSource, ResultUnavailableError
from batterysim_operator.delivery.signature import UnusableSecretError, signature_headers, signing_key

logger = logging.getLogger(__name__)

LARGE_BODIES = 4


class Refusal(NamedTuple):
    """Why a try failed, and whether no other can help."""

    error: str
    final: bool = False
    retry_after_seconds: float = 0.0


class Outcome(NamedTuple):
    """How a try went; refusal: None when the receiver took the callback."""

    uid: str
    time: datetime
    refusal: Refusal | None
    spread: float


class DeliveryController:
    """Delivers callbacks, each at least once and always with the same id."""

    def __init__(
        self,
        cluster: Cluster,
        bridge: ResultSource,
        receivers: Receivers,
        clock: Callable[[], datetime],
        spread: Callable[[], float],
    ) -> None:
        self._cluster = cluster
        self._bridge = bridge
        self._receivers = receivers
        self._clock = clock
        self._spread = spread
        self._large = asyncio.Semaphore(LARGE_BODIES)
        self._unrecorded: dict[Key, Outcome] = {}
        """What could not be written down yet. It is written before the receiver is called again."""

    async def reconcile(self, key: Key) -> float | None:
        """Deliver what one simulation owes, if it is due; return after how many seconds to look again."""
        simulation = await self._cluster.simulation(*key)
        if simulation is None or not callback.is_owed(simulation):
            self._unrecorded.pop(key, None)
            return None
        outcome = self._unrecorded.get(key)
        if outcome is None or outcome.uid != simulation["metadata"]["uid"]:
            wait = callback.seconds_until_due(simulation, self._clock())
            if wait > 0:
                return wait
            try:
                refusal = await self._try(simulation)
            except ResultUnavailableError as error:
                return await self._wait_for_result(simulation, shorten(str(error)))
            self._note(key, refusal)
            outcome = Outcome(simulation["metadata"]["uid"], self._clock(), refusal, self._spread())
            self._unrecorded[key] = outcome
        after = await self._record(simulation, partial(_status_after, outcome))
        del self._unrecorded[key]
        if after is None or not callback.is_owed(after):
            return None
        return callback.seconds_until_due(after, self._clock())

    async def _wait_for_result(self, simulation: Json, error: str) -> float | None:
        """Say once that the bridge has no result at the moment; a bridge that is away is asked again soon."""
        metadata, now = simulation["metadata"], self._clock()
        if not callback.says_the_same(simulation, callback.without_result(simulation, now, error)):
            logger.warning("%s", error, extra=about(metadata["namespace"], metadata["name"]))
            if await self._record(simulation, lambda seen: callback.without_result(seen, now, error)) is None:
                return None
        return callback.BRIDGE_RETRY.total_seconds() * (0.75 + 0.5 * self._spread())

    def _note(self, key: Key, refusal: Refusal | None) -> None:
        metrics.DELIVERIES.labels("delivered" if refusal is None else "failed").inc()
        if refusal is None:
            logger.info("callback delivered", extra=about(*key))
            return
        # Of what is final nothing can be done, and a Job Manager without such a path says so each time.
        level = logging.INFO if refusal.final else logging.WARNING
        logger.log(level, "callback not delivered: %s", refusal.error, extra=about(*key))

    async def _record(
        self, simulation: Json, status_of: Callable[[Json], BatterySimulationStatus]
    ) -> Json | None:
        """Write down how a try went; return the object, or None when it is gone.

        What else has changed since the object was read does not matter, for nobody else writes these fields;
        but it must be the same object and not another of its name.

        Raises:
            AlwaysChangingError: it changes all the time. The queue repeats this, and not the POST.
        """
        metadata = simulation["metadata"]
        return await apply_in_step(
            simulation,
            lambda seen: self._cluster.apply_status(seen, status_of(seen), FieldManager.CALLBACK),
            lambda: self._cluster.simulation(metadata["namespace"], metadata["name"]),
            lambda seen: str(seen["metadata"]["uid"]),
        )

    async def _try(self, simulation: Json) -> Refusal | None:
        """Make one POST; return None when the receiver took it.

        Raises:
            ResultUnavailableError: the bridge does not have the result now, so nothing was sent.
        """
        try:
            target = Callback.model_validate(simulation["spec"]["callback"])
        except ValidationError as error:  # edited since the spec was accepted
            return Refusal(
                "; ".join(
                    f"spec.callback.{item['loc'][0]}: {item['msg'].removeprefix('Value error, ')}"
                    for item in error.errors()
                )
            )
        try:
            async with Body(self._large) as body:
                await self._fill(body, simulation, target)
                return await self._post(body, simulation, target)
        except ResultUnavailableError as error:
            if not error.final:
                raise
            return Refusal(str(error), final=True)
        except (ForbiddenDestinationError, UnreachableError, _SecretError) as error:
            return Refusal(str(error))

    async def _post(self, body: Body, simulation: Json, target: Callback) -> Refusal | None:
        url, now = str(target.url), self._clock()
        identity = message_id(simulation["metadata"]["uid"])
        headers = {"Content-Type": "application/json", "webhook-id": identity}
        if target.secret_ref is not None:
            key = await self._signing_key(simulation["metadata"]["namespace"], target)
            headers |= await asyncio.to_thread(signature_headers, key, identity, now, body.blocks())
        answer = await self._receivers.post(
            url, simulation["metadata"]["namespace"], body.payload(), headers, now
        )
        if answer.is_success:
            return None
        return Refusal(
            f"{place_of(url)} answered {answer.status}",
            callback.is_final(answer.status, target),
            answer.retry_after_seconds,
        )

    async def _fill(self, body: Body, simulation: Json, target: Callback) -> None:
        # A part of a result is no result: whoever waits for one is told of the failure.
        if "results" not in simulation["status"] or is_of_failed_run(simulation["status"]):
            await body.write(callback.failure_document(simulation))
            return
        metadata = simulation["metadata"]
        kind = "jobManager" if target.format == "jobManager" else "json"
        await self._bridge.fetch(metadata["namespace"], metadata["name"], metadata["uid"], kind, body)

    async def _signing_key(self, namespace: str, target: Callback) -> bytes:
        reference = target.secret_ref
        assert reference is not None  # noqa: S101 - the caller has looked
        where = f"spec.callback.secretRef: Secret {reference.name}, key {reference.key}"
        try:
            return signing_key(await self._cluster.secret(namespace, reference.name), reference.key)
        except NotANameError as error:
            raise _SecretError(f"{where}: {error}") from error
        except NotFound as error:
            raise _SecretError(f"{where}: not found; create it in namespace {namespace}") from error
        except Forbidden as error:
            raise _SecretError(
                f"{where}: the operator may not read it; bind the chart's ClusterRole "
                f"<release>-callback-secrets to the operator's ServiceAccount in namespace {namespace}"
            ) from error
        except UnusableSecretError as error:
            raise _SecretError(f"{where}: {error}") from error


def _status_after(outcome: Outcome, simulation: Json) -> BatterySimulationStatus:
    refusal = outcome.refusal
    if refusal is None:
        return callback.after_success(simulation, outcome.time)
    return callback.after_failure(
        simulation,
        outcome.time,
        shorten(refusal.error),
        final=refusal.final,
        spread=outcome.spread,
        retry_after_seconds=refusal.retry_after_seconds,
    )


class _SecretError(Exception):
    """The callback's Secret is not there, not readable or cannot sign."""
