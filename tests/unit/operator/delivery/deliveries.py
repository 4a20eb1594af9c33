"""A simulation that owes a callback, a bridge that has its result, and a receiver."""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from batterysim.names import job_name
from batterysim_kube.api_server import Json
from batterysim_operator.control.workqueue import Key
from batterysim_operator.delivery.body import Body
from batterysim_operator.delivery.controller import DeliveryController
from batterysim_operator.delivery.destination import AllowedDestination, DestinationPolicy
from batterysim_operator.delivery.receivers import Receivers
from batterysim_operator.delivery.result_source import ResultSource, ResultUnavailableError
from tests.builders import UID, condition, iso, raw_spec, simulation
from tests.unit.operator.delivery.test_destination import Dns
from tests.unit.operator.fake_cluster import FakeCluster

KEY = Key("lab", "cell-discharge")
NOW = datetime.now(UTC)  # the receiver's library refuses signatures that are not of today
SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes....").decode()
RESULT = {"json": b'{"kind": "SimulationResult"}', "jobManager": b'{"id": "1", "result": []}'}


class FakeBridge(ResultSource):
    """Has one result in both formats, or none."""

    def __init__(self, error: ResultUnavailableError | None = None) -> None:
        self.error = error

    async def fetch(self, namespace: str, name: str, uid: str, kind: str, body: Body) -> None:
        if self.error is not None:
            raise self.error
        await body.write(RESULT[kind])


BROKEN = FakeBridge(ResultUnavailableError("the bridge answered 503 when asked for the result: later"))
EMPTIED = FakeBridge(
    ResultUnavailableError("the bridge answered 410 when asked for the result: removed", final=True)
)


@dataclass
class Receiver:
    """Answers with the given codes in turn, then with 204, and keeps what it got."""

    answers: list[int] = field(default_factory=list)
    posts: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    place: str = ""
    retry_after: str = ""
    cookie: str = ""
    pause_seconds: float = 0.0
    hosts: list[str | None] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    async def take(self, request: web.Request) -> web.Response:
        self.meanwhile()
        await asyncio.sleep(self.pause_seconds)
        self.hosts.append(request.url.host)
        self.posts.append((await request.read(), dict(request.headers)))
        code = self.answers.pop(0) if self.answers else 204
        headers = {"Location": "/elsewhere"} if code == 302 else {}
        if self.retry_after:
            headers["Retry-After"] = self.retry_after
        if self.cookie:
            headers["Set-Cookie"] = self.cookie
        return web.Response(status=code, headers=headers)


def owing(url: str, *, failed: bool = False, **callback: Any) -> FakeCluster:
    """Return a cluster with one simulation that has ended and owes a callback."""
    truth = "False" if failed else "True"
    return FakeCluster(
        simulation(
            spec=raw_spec(callback={"url": url, **callback}),
            status={
                "jobName": job_name(UID),
                "completionTime": iso(NOW),
                "conditions": [condition("Accepted", "True"), condition("Succeeded", truth)],
                **(
                    {"failure": {"reason": "Infeasible", "message": "no"}}
                    if failed
                    else {"results": {"rows": 3}}
                ),
            },
        )
    )


async def deliver(
    cluster: FakeCluster,
    *,
    allowed: tuple[str, ...] | None = None,
    dns: Dns | None = None,
    bridge: FakeBridge | None = None,
    now: datetime = NOW,
) -> float | None:
    """Reconcile once, with real connections behind the guard."""
    async with Receivers(policy_for(cluster, allowed), dns or Dns()) as receivers:
        return await DeliveryController(
            cluster, bridge or FakeBridge(), receivers, lambda: now, lambda: 0.5
        ).reconcile(KEY)


def policy_for(cluster: FakeCluster, allowed: tuple[str, ...] | None) -> DestinationPolicy:
    """Return a policy that allows these URLs, or by default the one that the callback has."""
    if allowed is None:
        allowed = (cluster.object["spec"]["callback"]["url"],) if cluster.object else ()
    return DestinationPolicy(tuple(map(AllowedDestination.parse, allowed)))


def status_of(cluster: FakeCluster) -> Json:
    assert cluster.object is not None
    status: Json = cluster.object["status"]
    return status


def secret(data: dict[str, str], **labels: str) -> Json:
    """Return a Secret that is marked for callbacks, or with other labels."""
    return {"metadata": {"labels": labels or {"batterysim.dev/callback-secret": "true"}}, "data": data}


def with_secret(url: str, value: bytes | None, key: str = "key") -> FakeCluster:
    """Return a cluster whose simulation signs its callback with a Secret of this value."""
    cluster = owing(url, secretRef={"name": "webhook"})
    if value is not None:
        cluster.secrets["webhook"] = secret({key: base64.b64encode(value).decode()})
    return cluster
