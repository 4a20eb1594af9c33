"""Callbacks against a real receiver on this machine, with the cluster and the bridge in memory."""

import base64
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks import Webhook

from batterysim.names import job_name
from batterysim_operator.control.rest import Forbidden, Json
from batterysim_operator.control.workqueue import Key
from batterysim_operator.delivery.bridge import Bridge, ResultRemovedError, ResultUnavailableError
from batterysim_operator.delivery.controller import DeliveryController
from batterysim_operator.delivery.destination import GuardedResolver
from tests.builders import UID, condition, iso, raw_spec, simulation
from tests.unit.operator.delivery.test_destination import Dns
from tests.unit.operator.fake_cluster import FakeCluster

KEY = Key("lab", "cell-discharge")
NOW = datetime.now(UTC)  # the receiver's library refuses signatures that are not of today
SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes....").decode()
RESULT = {"json": b'{"kind": "SimulationResult"}', "jobManager": b'{"id": "1", "result": []}'}


class FakeBridge(Bridge):
    """Has one result in both formats, or none."""

    def __init__(self, error: ResultUnavailableError | None = None) -> None:
        self.error = error

    async def result(self, namespace: str, name: str, kind: str) -> bytes:
        if self.error is not None:
            raise self.error
        return RESULT[kind]


BROKEN = FakeBridge(ResultUnavailableError("the bridge answered 503 when asked for the result: later"))
EMPTIED = FakeBridge(ResultRemovedError("the bridge answered 410 when asked for the result: removed"))


@dataclass
class Receiver:
    """Answers with the given codes in turn, then with 204, and keeps what it got."""

    answers: list[int] = field(default_factory=list)
    posts: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    meanwhile: Callable[[], None] = lambda: None

    async def take(self, request: web.Request) -> web.Response:
        self.meanwhile()
        self.posts.append((await request.read(), dict(request.headers)))
        code = self.answers.pop(0) if self.answers else 204
        return web.Response(status=code, headers={"Location": "/elsewhere"} if code == 302 else {})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.take)
    server = TestServer(app)
    await server.start_server()
    receiver.url = str(server.make_url("/r"))
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
    allowed: frozenset[str] = frozenset({"127.0.0.1"}),
    dns: Dns | None = None,
    bridge: FakeBridge | None = None,
    now: datetime = NOW,
) -> float | None:
    """Make one look, with real connections behind the guard."""
    connector = aiohttp.TCPConnector(resolver=GuardedResolver(allowed, dns or Dns()))
    async with aiohttp.ClientSession(connector=connector) as session:
        return await DeliveryController(
            cluster, bridge or FakeBridge(), session, allowed, lambda: now, lambda: 0.5
        ).look(KEY)


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
    assert status_of(cluster)["callback"]["lastError"] == f"{receiver.url} answered 500"
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
    assert status_of(cluster)["callback"]["lastError"] == f"{receiver.url} answered 302"


async def test_nobody_at_home() -> None:
    cluster = owing("http://127.0.0.1:1/r")

    assert await look(cluster) == 5
    assert "http://127.0.0.1:1/r could not be reached: " in status_of(cluster)["callback"]["lastError"]


async def test_a_private_address_is_refused(receiver: Receiver) -> None:
    cluster = owing(receiver.url)

    assert await look(cluster, allowed=frozenset()) == 5

    assert receiver.posts == []
    assert "127.0.0.1 is a private address; add" in status_of(cluster)["callback"]["lastError"]


async def test_a_name_of_a_private_address_is_refused_before_anything_is_sent(receiver: Receiver) -> None:
    port = receiver.url.rsplit(":", 1)[1]
    cluster = owing(f"http://jobs.example.com:{port}")

    assert await look(cluster, dns=Dns("127.0.0.1")) == 5

    assert receiver.posts == []
    assert "jobs.example.com is a private address" in status_of(cluster)["callback"]["lastError"]


async def test_a_result_that_the_bridge_does_not_give_now_is_fetched_later(receiver: Receiver) -> None:
    cluster = owing(receiver.url)

    assert await look(cluster, bridge=BROKEN) == 5
    assert status_of(cluster)["callback"]["lastError"].startswith("the bridge answered 503")
    assert await look(cluster, now=NOW + timedelta(seconds=6)) is None
    assert len(receiver.posts) == 1


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

    assert await look(cluster) == 5
    assert "spec.callback.url" in status_of(cluster)["callback"]["lastError"]


async def test_a_simulation_that_is_gone_is_forgotten() -> None:
    assert await look(FakeCluster()) is None


def with_secret(url: str, value: bytes | None, key: str = "key") -> FakeCluster:
    """Return a cluster whose simulation signs its callback with a Secret of this value."""
    cluster = owing(url, secretRef={"name": "webhook"})
    if value is not None:
        cluster.secrets["webhook"] = {key: base64.b64encode(value).decode()}
    return cluster


@pytest.mark.parametrize("value", [SECRET.encode(), SECRET.encode() + b"\n"], ids=["plain", "with a newline"])
async def test_the_receiver_can_verify_the_signature(receiver: Receiver, value: bytes) -> None:
    await look(with_secret(receiver.url, value))

    ((body, headers),) = receiver.posts
    assert Webhook(SECRET).verify(body, headers) == json.loads(RESULT["json"])


@pytest.mark.parametrize(
    ("value", "key", "said"),
    [
        (None, "key", "not there; create it in namespace lab"),
        (SECRET.encode(), "other", "not there; create it in namespace lab"),
        (b"", "key", 'must be "whsec_" and base64'),
        (b"whsec_", "key", 'must be "whsec_" and base64'),
        (b"whsec_x", "key", 'must be "whsec_" and base64'),
        (b"\xff\xfe", "key", 'must be "whsec_" and base64'),
    ],
    ids=["no Secret", "no key", "empty", "prefix only", "not base64", "not text"],
)
async def test_an_unusable_secret_is_told_and_nothing_is_sent(
    receiver: Receiver, value: bytes | None, key: str, said: str
) -> None:
    cluster = with_secret(receiver.url, value, key)

    assert await look(cluster) == 5

    assert receiver.posts == []
    error = status_of(cluster)["callback"]["lastError"]
    assert error == f"spec.callback.secretRef: Secret webhook, key key: {said}"


class Locked(FakeCluster):
    """The operator may not read Secrets here."""

    async def secret_data(self, namespace: str, name: str) -> dict[str, Any]:
        raise Forbidden(status=403)


async def test_a_secret_that_the_operator_may_not_read_says_what_to_bind(receiver: Receiver) -> None:
    cluster = Locked(with_secret(receiver.url, SECRET.encode()).object)

    await look(cluster)

    error = status_of(cluster)["callback"]["lastError"]
    assert "bind the chart's ClusterRole <release>-callback-secrets" in error
