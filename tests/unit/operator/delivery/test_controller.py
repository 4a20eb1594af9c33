"""Callbacks against a real receiver on this machine, with the cluster and the bridge in memory."""

import asyncio
import base64
import json
import logging
import tracemalloc
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from aiohttp.test_utils import TestServer
from standardwebhooks import Webhook

from batterysim.names import job_name
from batterysim_kube.api_server import Json
from batterysim_kube.errors import ApiException, Forbidden
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
    meanwhile: Callable[[], None] = lambda: None

    async def take(self, request: web.Request) -> web.Response:
        self.meanwhile()
        self.posts.append((await request.read(), dict(request.headers)))
        code = self.answers.pop(0) if self.answers else 204
        headers = {"Location": "/elsewhere"} if code == 302 else {}
        if self.retry_after:
            headers["Retry-After"] = self.retry_after
        if self.cookie:
            headers["Set-Cookie"] = self.cookie
        return web.Response(status=code, headers=headers)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.take)
    server = TestServer(app)
    await server.start_server()
    receiver.url = str(server.make_url("/r"))
    receiver.place = str(server.make_url("/")).rstrip("/")
    yield receiver
    await server.close()


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


async def look(
    cluster: FakeCluster,
    *,
    allowed: tuple[str, ...] | None = None,
    dns: Dns | None = None,
    bridge: FakeBridge | None = None,
    now: datetime = NOW,
) -> float | None:
    """Make one look, with real connections behind the guard."""
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


async def test_a_result_is_delivered_once(receiver: Receiver) -> None:
    cluster = owing(receiver.url)

    assert await look(cluster) is None
    assert await look(cluster) is None

    ((body, headers),) = receiver.posts
    assert body == RESULT["json"]
    assert headers["Content-Type"] == "application/json"
    assert headers["webhook-id"] == f"msg_{UID}"
    assert status_of(cluster)["callback"]["attempts"] == 1


async def test_a_change_while_it_was_delivered_is_no_reason_to_deliver_again(receiver: Receiver) -> None:
    cluster = owing(receiver.url)
    receiver.meanwhile = lambda: cluster.object["metadata"].update(resourceVersion="999")

    assert await look(cluster) is None

    assert len(receiver.posts) == 1
    assert "deliveredTime" in status_of(cluster)["callback"]


async def test_a_delivery_is_not_written_into_another_object_of_the_same_name(receiver: Receiver) -> None:
    cluster = owing(receiver.url)
    receiver.meanwhile = lambda: cluster.object["metadata"].update(resourceVersion="999", uid="another")

    assert await look(cluster) is None

    assert "callback" not in status_of(cluster)


async def test_the_job_manager_gets_its_own_format(receiver: Receiver) -> None:
    await look(owing(receiver.url, format="jobManager"))

    assert receiver.posts[0][0] == RESULT["jobManager"]


async def test_a_failure_is_told_too(receiver: Receiver) -> None:
    await look(owing(receiver.url, failed=True), bridge=BROKEN)

    assert json.loads(receiver.posts[0][0])["failure"] == {"reason": "Infeasible", "message": "no"}


async def test_a_receiver_that_is_not_well_is_tried_again_with_the_same_id(receiver: Receiver) -> None:
    cluster = owing(receiver.url)
    receiver.answers = [500]

    assert await look(cluster) == 5
    assert status_of(cluster)["callback"]["lastError"] == f"{receiver.place} answered 500"
    assert await look(cluster, now=NOW + timedelta(seconds=3)) == 2  # not due yet
    assert await look(cluster, now=NOW + timedelta(seconds=6)) is None

    assert [headers["webhook-id"] for _, headers in receiver.posts] == [f"msg_{UID}"] * 2
    assert status_of(cluster)["callback"]["attempts"] == 2


@pytest.mark.parametrize(("answer", "form"), [(410, "v1"), (404, "jobManager")])
async def test_a_receiver_that_will_never_take_it(receiver: Receiver, answer: int, form: str) -> None:
    cluster = owing(receiver.url, format=form)
    receiver.answers = [answer]

    assert await look(cluster) is None
    assert await look(cluster) is None

    assert len(receiver.posts) == 1
    assert status_of(cluster)["conditions"][-1]["reason"] == "GivenUp"


async def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    cluster = owing(receiver.url)
    receiver.answers = [302]

    assert await look(cluster) == 5

    assert len(receiver.posts) == 1
    assert status_of(cluster)["callback"]["lastError"] == f"{receiver.place} answered 302"


async def test_nobody_at_home() -> None:
    cluster = owing("http://127.0.0.1:1/r")

    assert await look(cluster) == 5
    assert (
        "http://127.0.0.1:1 could not be reached: no connection"
        in status_of(cluster)["callback"]["lastError"]
    )


async def test_a_private_address_is_refused(receiver: Receiver) -> None:
    cluster = owing(receiver.url)

    assert await look(cluster, allowed=()) == 5

    assert receiver.posts == []
    assert "127.0.0.1 is a private address; add" in status_of(cluster)["callback"]["lastError"]


async def test_a_name_of_a_private_address_is_refused_before_anything_is_sent(receiver: Receiver) -> None:
    port = receiver.url.rsplit(":", 1)[1]
    cluster = owing(f"http://jobs.example.com:{port}")

    assert await look(cluster, dns=Dns("127.0.0.1"), allowed=()) == 5

    assert receiver.posts == []
    assert "jobs.example.com is a private address" in status_of(cluster)["callback"]["lastError"]


async def test_a_result_that_the_bridge_does_not_give_now_is_fetched_later(receiver: Receiver) -> None:
    cluster = owing(receiver.url)

    assert await look(cluster, bridge=BROKEN) == 20
    assert status_of(cluster)["callback"]["lastError"].startswith("the bridge answered 503")
    assert await look(cluster) is None
    assert len(receiver.posts) == 1


async def test_a_bridge_that_is_away_for_hours_uses_up_nothing_of_the_receivers_patience(
    receiver: Receiver,
) -> None:
    cluster = owing(receiver.url)
    for minute in range(0, 7200, 10):
        assert await look(cluster, bridge=BROKEN, now=NOW + timedelta(minutes=minute)) == 20
    written = cluster.calls.count("apply status")
    receiver.answers = [500]

    back = NOW + timedelta(days=5)
    assert await look(cluster, now=back) == 5
    assert await look(cluster, now=back + timedelta(seconds=6)) is None
    assert written == 1
    assert status_of(cluster)["callback"]["attempts"] == 2


async def test_a_result_that_retention_has_removed_is_given_up(receiver: Receiver) -> None:
    cluster = owing(receiver.url)

    assert await look(cluster, bridge=EMPTIED) is None
    assert await look(cluster) is None

    assert receiver.posts == []
    assert status_of(cluster)["conditions"][-1]["reason"] == "GivenUp"
    assert status_of(cluster)["callback"]["lastError"].startswith("the bridge answered 410")


async def test_what_is_final_makes_no_noise(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.answers = [404]

    with caplog.at_level(logging.INFO, "batterysim_operator.delivery.controller"):
        await look(owing(receiver.url, format="jobManager"))

    assert [entry.levelname for entry in caplog.records] == ["INFO"]


async def test_an_address_that_was_spoilt_by_an_edit_is_told_and_tried_again() -> None:
    """The schema cannot tell that this port is none, so such an edit gets past the API server."""
    cluster = owing("http://jobs.example.com:99999/r")

    assert await look(cluster, allowed=()) == 5
    assert "spec.callback.url" in status_of(cluster)["callback"]["lastError"]


async def test_a_simulation_that_is_gone_is_forgotten() -> None:
    assert await look(FakeCluster()) is None


def secret(data: dict[str, str], **labels: str) -> Json:
    """Return a Secret that is marked for callbacks, or with other labels."""
    return {"metadata": {"labels": labels or {"batterysim.dev/callback-secret": "true"}}, "data": data}


def with_secret(url: str, value: bytes | None, key: str = "key") -> FakeCluster:
    """Return a cluster whose simulation signs its callback with a Secret of this value."""
    cluster = owing(url, secretRef={"name": "webhook"})
    if value is not None:
        cluster.secrets["webhook"] = secret({key: base64.b64encode(value).decode()})
    return cluster


@pytest.mark.parametrize("value", [SECRET.encode(), SECRET.encode() + b"\n"], ids=["plain", "with a newline"])
async def test_the_receiver_can_verify_the_signature(receiver: Receiver, value: bytes) -> None:
    await look(with_secret(receiver.url, value), now=datetime.now(UTC))

    ((body, headers),) = receiver.posts
    assert Webhook(SECRET).verify(body, headers) == json.loads(RESULT["json"])


@pytest.mark.parametrize(
    ("value", "key", "said"),
    [
        (None, "key", "not found; create it in namespace lab"),
        (SECRET.encode(), "other", "is absent; add it to the Secret"),
        (b"", "key", 'must be "whsec_" and base64'),
        (b"whsec_", "key", "has 0 bytes, must have at least 24"),
        (b"whsec_c2hvcnQ=", "key", "has 5 bytes, must have at least 24"),
        (b"Summer2026!", "key", 'must be "whsec_" and base64'),
        (b"whsec_x", "key", 'must be "whsec_" and base64'),
        (b"\xff\xfe", "key", 'must be "whsec_" and base64'),
    ],
    ids=["no Secret", "no key", "empty", "prefix only", "short", "a password", "not base64", "not text"],
)
async def test_an_unusable_secret_is_told_and_nothing_is_sent(
    receiver: Receiver, value: bytes | None, key: str, said: str
) -> None:
    cluster = with_secret(receiver.url, value, key)

    assert await look(cluster) == 5

    assert receiver.posts == []
    error = status_of(cluster)["callback"]["lastError"]
    assert error.startswith(f"spec.callback.secretRef: Secret webhook, key key: {said}")


class Locked(FakeCluster):
    """The operator may not read Secrets here."""

    async def secret(self, namespace: str, name: str) -> Json:
        raise Forbidden(status=403)


async def test_a_secret_that_the_operator_may_not_read_says_what_to_bind(receiver: Receiver) -> None:
    cluster = Locked(with_secret(receiver.url, SECRET.encode()).object)

    await look(cluster)

    error = status_of(cluster)["callback"]["lastError"]
    assert "bind the chart's ClusterRole <release>-callback-secrets" in error


async def test_a_secret_that_is_not_marked_for_callbacks_signs_nothing(receiver: Receiver) -> None:
    """Whoever may create simulations would otherwise use any Secret of the namespace."""
    cluster = owing(receiver.url, secretRef={"name": "webhook", "key": "key"})
    data = {"key": base64.b64encode(SECRET.encode()).decode()}
    cluster.secrets["webhook"] = secret(data, app="database")

    await look(cluster)

    assert receiver.posts == []
    assert "must have the label batterysim.dev/callback-secret" in status_of(cluster)["callback"]["lastError"]


async def test_what_is_secret_in_a_url_is_not_told(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    port = receiver.url.rsplit(":", 1)[1].split("/")[0]
    cluster = owing(f"http://user:password@127.0.0.1:{port}/r?token=abc")
    receiver.answers = [500]

    await look(cluster, allowed=(f"http://127.0.0.1:{port}/r",))

    assert len(receiver.posts) == 1
    for said in (json.dumps(status_of(cluster)), caplog.text):
        assert f"http://127.0.0.1:{port} answered 500" in said
        assert "password" not in said
        assert "abc" not in said


async def test_a_receiver_says_when_to_come_back(receiver: Receiver) -> None:
    receiver.answers, receiver.retry_after = [429], "120"

    assert await look(owing(receiver.url)) == 120


async def test_a_receiver_that_wants_to_be_left_alone_for_a_year_is_not_obeyed(receiver: Receiver) -> None:
    receiver.answers, receiver.retry_after = [503], "31536000"

    assert await look(owing(receiver.url)) == 6 * 3600


async def test_a_banner_of_another_service_is_not_repeated() -> None:
    """The words of what answers on a port are none of the business of who creates a simulation."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.9 internal-build-host\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    cluster = owing(f"http://127.0.0.1:{port}/r")
    async with server:
        await look(cluster)

    assert status_of(cluster)["callback"]["lastError"] == (
        f"http://127.0.0.1:{port} sent an answer that is not HTTP"
    )


class Strict(Dns):
    """Fails as the system's resolver does for a name with an empty label."""

    async def resolve(self, host: str, *_: Any) -> list[ResolveResult]:
        raise UnicodeError(f"label empty in {host}")


async def test_a_host_that_no_resolver_takes_is_an_error_like_any_other() -> None:
    cluster = owing("http://jobs.example/")

    assert await look(cluster, allowed=(), dns=Strict()) == 5
    assert "http://jobs.example could not be called" in status_of(cluster)["callback"]["lastError"]


async def test_a_host_that_is_no_name_is_said_to_be_none() -> None:
    """The API server has it from before this was checked."""
    cluster = owing("http://a..b/")

    assert await look(cluster, allowed=(), dns=Strict()) == 5
    assert status_of(cluster)["callback"]["lastError"].startswith(
        "spec.callback.url: the host 'a..b' is not valid"
    )


async def test_receivers_get_no_cookies_of_each_other(receiver: Receiver) -> None:
    cluster = owing(receiver.url)
    receiver.answers, receiver.cookie = [500], "session=of-another"
    async with Receivers(policy_for(cluster, None), Dns()) as receivers:
        controller = DeliveryController(cluster, FakeBridge(), receivers, lambda: NOW, lambda: 0.5)
        await controller.reconcile(KEY)
        status_of(cluster)["callback"].pop("nextAttemptTime")
        await controller.reconcile(KEY)

    assert [headers.get("Cookie") for _, headers in receiver.posts] == [None, None]


class Unwritable(FakeCluster):
    """Its status cannot be written so many times, as when etcd is full."""

    failures = 3

    async def apply_status(self, *arguments: Any) -> Json:
        self.failures -= 1
        if self.failures >= 0:
            raise ApiException(status=500)
        return await super().apply_status(*arguments)


@pytest.mark.parametrize("answer", [204, 500])
async def test_what_cannot_be_written_down_is_not_done_again(receiver: Receiver, answer: int) -> None:
    cluster = Unwritable(owing(receiver.url).object)
    receiver.answers = [answer]
    async with Receivers(policy_for(cluster, None), Dns()) as receivers:
        controller = DeliveryController(cluster, FakeBridge(), receivers, lambda: NOW, lambda: 0.5)
        for _ in range(3):
            with pytest.raises(ApiException):
                await controller.reconcile(KEY)
        await controller.reconcile(KEY)

    assert len(receiver.posts) == 1
    assert status_of(cluster)["callback"]["attempts"] == 1


async def test_a_corrected_address_is_tried_at_once(receiver: Receiver) -> None:
    """Also after the callback was given up, and without waiting for what the old address had earned."""
    cluster = owing("http://127.0.0.1:1/r")
    assert cluster.object is not None
    for _ in range(5):
        await look(cluster)
        status_of(cluster)["callback"].pop("nextAttemptTime")
    cluster.object["spec"]["callback"]["url"] = receiver.url
    cluster.object["metadata"]["generation"] = 2

    assert await look(cluster) is None
    assert len(receiver.posts) == 1
    assert status_of(cluster)["callback"]["attempts"] == 1


MEGABYTE = b"0123456789abcdef" * 65536


class LargeBridge(FakeBridge):
    """Has a result of 60 MB."""

    async def fetch(self, namespace: str, name: str, uid: str, kind: str, body: Body) -> None:
        for _ in range(60):
            await body.write(MEGABYTE)


async def test_memory_does_not_grow_with_the_results_that_are_sent() -> None:
    """Eight of 60 MB at once took 833 MiB of an operator whose limit is 512 MiB."""
    received: list[int] = []

    async def swallow(request: web.Request) -> web.Response:
        received.append(sum([len(chunk) async for chunk in request.content.iter_chunked(1 << 16)]))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/r", swallow)
    async with TestServer(app) as server:
        clusters = [with_secret(str(server.make_url("/r")), SECRET.encode()) for _ in range(8)]
        async with Receivers(policy_for(clusters[0], None), Dns()) as receivers:
            controllers = [
                DeliveryController(cluster, LargeBridge(), receivers, lambda: NOW, lambda: 0.5)
                for cluster in clusters
            ]
            tracemalloc.start()
            await asyncio.gather(*(controller.reconcile(KEY) for controller in controllers))
            _, peak_bytes = tracemalloc.get_traced_memory()
            tracemalloc.stop()

    assert received == [60 << 20] * 8
    assert peak_bytes < 60 << 20
