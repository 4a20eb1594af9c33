"""Brings results to whoever asked for them, until they are taken."""

import base64
import logging
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import aiohttp
from pydantic import ValidationError
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from batterysim.failure import shorten
from batterysim.logs import about
from batterysim.names import FieldManager, message_id
from batterysim.spec.run_policy import Callback
from batterysim.status import BatterySimulationStatus
from batterysim_operator import metrics
from batterysim_operator.control.cluster import Cluster
from batterysim_operator.control.rest import Conflict, Forbidden, Json, NotFound
from batterysim_operator.control.workqueue import Key
from batterysim_operator.delivery import callback
from batterysim_operator.delivery.bridge import Bridge, ResultRemovedError, ResultUnavailableError
from batterysim_operator.delivery.destination import ForbiddenDestinationError, check_url

logger = logging.getLogger(__name__)

RECORD_TRIES = 5
ANSWER_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10)


class Refusal(NamedTuple):
    """Why a try failed, and whether no other can help."""

    error: str
    final: bool = False


class DeliveryController:
    """Delivers callbacks, each at least once and always with the same id."""

    def __init__(
        self,
        cluster: Cluster,
        bridge: Bridge,
        receivers: aiohttp.ClientSession,
        allowed_hosts: frozenset[str],
        clock: Callable[[], datetime],
        spread: Callable[[], float],
    ) -> None:
        self._cluster = cluster
        self._bridge = bridge
        self._receivers = receivers
        self._allowed_hosts = allowed_hosts
        self._clock = clock
        self._spread = spread

    async def look(self, key: Key) -> float | None:
        """Deliver what one simulation owes, if it is due; return after how many seconds to look again."""
        simulation = await self._cluster.simulation(*key)
        if simulation is None or not callback.is_owed(simulation):
            return None
        wait = callback.seconds_until_due(simulation, self._clock())
        if wait > 0:
            return wait
        refusal = await self._try(simulation)
        now = self._clock()
        if refusal is None:
            logger.info("callback delivered", extra=about(*key))
            status = callback.after_success(simulation, now)
        else:
            # Of what is final nothing can be done, and a Job Manager without such a path says so each time.
            level = logging.INFO if refusal.final else logging.WARNING
            logger.log(level, "callback not delivered: %s", refusal.error, extra=about(*key))
            error = shorten(refusal.error)
            status = callback.after_failure(simulation, now, error, refusal.final, self._spread())
        metrics.DELIVERIES.labels("delivered" if refusal is None else "failed").inc()
        after = await self._record(simulation, status)
        return callback.seconds_until_due(after, now) if after and callback.is_owed(after) else None

    async def _record(self, simulation: Json, status: BatterySimulationStatus) -> Json | None:
        """Write down how a try went; return the object, or None when it is gone.

        What else has changed since the object was read does not matter, for nobody else writes these fields;
        but it must be the same object and not another of its name.

        Raises:
            Conflict: it changes all the time. The try will be repeated, which "at least once" allows.
        """
        metadata = simulation["metadata"]
        current: Json | None = simulation
        for _ in range(RECORD_TRIES):
            if current is None or current["metadata"]["uid"] != metadata["uid"]:
                return None
            try:
                return await self._cluster.apply_status(current, status, FieldManager.CALLBACK)
            except NotFound:
                return None
            except Conflict:
                current = await self._cluster.simulation(metadata["namespace"], metadata["name"])
        raise Conflict(reason=f"the object has changed {RECORD_TRIES} times")

    async def _try(self, simulation: Json) -> Refusal | None:
        """Make one POST; return None when the receiver took it."""
        try:
            target = Callback.model_validate(simulation["spec"]["callback"])
        except ValidationError as error:  # edited since the spec was accepted
            return Refusal(
                "; ".join(f"spec.callback.{item['loc'][0]}: {item['msg']}" for item in error.errors())
            )
        try:
            body = await self._body(simulation, target)
            headers = await self._headers(simulation, target, body)
            check_url(str(target.url), self._allowed_hosts)
            async with self._receivers.post(
                str(target.url), data=body, headers=headers, allow_redirects=False, timeout=ANSWER_TIMEOUT
            ) as answer:
                if 200 <= answer.status < 300:
                    return None
                return Refusal(
                    f"{target.url} answered {answer.status}", callback.is_final(answer.status, target)
                )
        except ResultRemovedError as error:
            return Refusal(str(error), final=True)
        except (ForbiddenDestinationError, ResultUnavailableError, _UnusableSecretError) as error:
            return Refusal(str(error))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Refusal(f"{target.url} could not be reached: {error or type(error).__name__}")

    async def _body(self, simulation: Json, target: Callback) -> bytes:
        if "results" not in simulation["status"]:
            return callback.failure_document(simulation)
        metadata = simulation["metadata"]
        kind = "jobManager" if target.format == "jobManager" else "json"
        return await self._bridge.result(metadata["namespace"], metadata["name"], kind)

    async def _headers(self, simulation: Json, target: Callback, body: bytes) -> dict[str, str]:
        identity, now = message_id(simulation["metadata"]["uid"]), self._clock()
        headers = {"Content-Type": "application/json", "webhook-id": identity}
        if target.secret_ref is None:
            return headers
        namespace, reference = simulation["metadata"]["namespace"], target.secret_ref
        where = f"spec.callback.secretRef: Secret {reference.name}, key {reference.key}"
        try:
            data = await self._cluster.secret_data(namespace, reference.name)
            secret = base64.b64decode(data[reference.key]).decode().strip()
            signature = Webhook(secret).sign(identity, now, body.decode())
        except (NotFound, KeyError) as error:
            raise _UnusableSecretError(f"{where}: not there; create it in namespace {namespace}") from error
        except Forbidden as error:
            raise _UnusableSecretError(
                f"{where}: the operator may not read it; bind the chart's ClusterRole "
                f"<release>-callback-secrets to the operator's ServiceAccount in namespace {namespace}"
            ) from error
        except (ValueError, EmptyWebhookSecretError) as error:
            raise _UnusableSecretError(f'{where}: must be "whsec_" and base64') from error
        return {
            **headers,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }


class _UnusableSecretError(Exception):
    """The callback's secret is not there, not readable or not a secret."""
