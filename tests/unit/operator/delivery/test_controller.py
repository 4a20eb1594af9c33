"""Callbacks against a real receiver on this machine, with the cluster and the bridge in memory."""

import asyncio
import json
import logging
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import ResolveResult

from batterysim_kube.api_server import Json
from batterysim_kube.errors import ApiException
from batterysim_operator.delivery import receivers
from batterysim_operator.delivery.controller import DeliveryController
from batterysim_operator.delivery.receivers import Receivers
from tests.builders import UID
from tests.unit.operator.delivery.deliveries import (
    BROKEN,
    EMPTIED,
    KEY,
    NOW,
    RESULT,
    FakeBridge,
    Receiver,
    deliver,
    owing,
    policy_for,
    status_of,
)
from tests.unit.operator.delivery.test_destination import Dns
from tests.unit.operator.fake_cluster import FakeCluster


async def test_a_result_is_delivered_once(receiver: Receiver) -> None:
    cluster = owing(receiver.url)

    assert await deliver(cluster) is None
    assert await deliver(cluster) is None

    ((body, headers),) = receiver.posts
    assert body == RESULT["json"]
    assert headers["Content-Type"] == "application/json"
    assert headers["webhook-id"] == f"msg_{UID}"
    assert status_of(cluster)["callback"]["attempts"] == 1


async def test_a_change_while_it_was_delivered_is_no_reason_to_deliver_again(receiver: Receiver) -> None:
    cluster = owing(receiver.url)
    receiver.meanwhile = lambda: cluster.object["metadata"].update(resourceVersion="999")

    assert await deliver(cluster) is None

    assert len(receiver.posts) == 1
    assert "deliveredTime" in status_of(cluster)["callback"]


async def test_a_delivery_is_not_written_into_another_object_of_the_same_name(receiver: Receiver) -> None:
    cluster = owing(receiver.url)
    receiver.meanwhile = lambda: cluster.object["metadata"].update(resourceVersion="999", uid="another")

    assert await deliver(cluster) is None

    assert "callback" not in status_of(cluster)


async def test_the_job_manager_gets_its_own_format(receiver: Receiver) -> None:
    await deliver(owing(receiver.url, format="jobManager"))

    assert receiver.posts[0][0] == RESULT["jobManager"]


async def test_a_failure_is_told_too(receiver: Receiver) -> None:
    await deliver(owing(receiver.url, failed=True), bridge=BROKEN)

    assert json.loads(receiver.posts[0][0])["failure"] == {"reason": "Infeasible", "message": "no"}


async def test_a_part_of_a_result_is_told_as_the_failure_that_it_is(receiver: Receiver) -> None:
    cluster = owing(receiver.url, failed=True)
    status_of(cluster).update(results={"rows": 3}, summary={"endReason": "SolverFailed", "partial": True})

    await deliver(cluster, bridge=BROKEN)

    assert json.loads(receiver.posts[0][0])["failure"] == {"reason": "Infeasible", "message": "no"}


async def test_the_job_manager_hears_nothing_of_a_part_that_it_would_take_for_a_result(
    receiver: Receiver,
) -> None:
    cluster = owing(receiver.url, failed=True, format="jobManager")
    status_of(cluster).update(results={"rows": 3}, summary={"endReason": "SolverFailed", "partial": True})

    assert await deliver(cluster) is None

    assert receiver.posts == []


async def test_a_receiver_that_is_not_well_is_tried_again_with_the_same_id(receiver: Receiver) -> None:
    cluster = owing(receiver.url)
    receiver.answers = [500]

    assert await deliver(cluster) == 5
    assert status_of(cluster)["callback"]["lastError"] == f"{receiver.place} answered 500"
    assert await deliver(cluster, now=NOW + timedelta(seconds=3)) == 2  # not due yet
    assert await deliver(cluster, now=NOW + timedelta(seconds=6)) is None

    assert [headers["webhook-id"] for _, headers in receiver.posts] == [f"msg_{UID}"] * 2
    assert status_of(cluster)["callback"]["attempts"] == 2


@pytest.mark.parametrize(("answer", "form"), [(410, "v1"), (404, "jobManager")])
async def test_a_receiver_that_will_never_take_it(receiver: Receiver, answer: int, form: str) -> None:
    cluster = owing(receiver.url, format=form)
    receiver.answers = [answer]

    assert await deliver(cluster) is None
    assert await deliver(cluster) is None

    assert len(receiver.posts) == 1
    assert status_of(cluster)["conditions"][-1]["reason"] == "GivenUp"


async def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    cluster = owing(receiver.url)
    receiver.answers = [302]

    assert await deliver(cluster) == 5

    assert len(receiver.posts) == 1
    assert status_of(cluster)["callback"]["lastError"] == f"{receiver.place} answered 302"


async def test_a_receiver_that_answers_too_late_is_called_late(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivers, "TIMEOUT", aiohttp.ClientTimeout(sock_read=0.05))
    receiver.pause_seconds = 0.5
    cluster = owing(receiver.url)

    await deliver(cluster)

    assert status_of(cluster)["callback"]["lastError"] == f"{receiver.place} did not answer within 60 s"


async def test_nobody_at_home() -> None:
    cluster = owing("http://127.0.0.1:1/r")

    assert await deliver(cluster) == 5
    assert (
        "http://127.0.0.1:1 could not be reached: no connection"
        in status_of(cluster)["callback"]["lastError"]
    )


async def test_a_private_address_is_refused(receiver: Receiver) -> None:
    cluster = owing(receiver.url)

    assert await deliver(cluster, allowed=()) == 5

    assert receiver.posts == []
    assert "127.0.0.1 is a private address; add" in status_of(cluster)["callback"]["lastError"]


async def test_a_name_of_a_private_address_is_refused_before_anything_is_sent(receiver: Receiver) -> None:
    port = receiver.url.rsplit(":", 1)[1]
    cluster = owing(f"http://jobs.example.com:{port}")

    assert await deliver(cluster, dns=Dns("127.0.0.1"), allowed=()) == 5

    assert receiver.posts == []
    assert "jobs.example.com is a private address" in status_of(cluster)["callback"]["lastError"]


async def test_a_result_that_the_bridge_does_not_give_now_is_fetched_later(receiver: Receiver) -> None:
    cluster = owing(receiver.url)

    assert await deliver(cluster, bridge=BROKEN) == 20
    assert status_of(cluster)["callback"]["lastError"].startswith("the bridge answered 503")
    assert await deliver(cluster) is None
    assert len(receiver.posts) == 1


async def test_a_bridge_that_is_away_for_hours_uses_up_nothing_of_the_receivers_patience(
    receiver: Receiver,
) -> None:
    cluster = owing(receiver.url)
    for minute in range(0, 7200, 10):
        assert await deliver(cluster, bridge=BROKEN, now=NOW + timedelta(minutes=minute)) == 20
    written = cluster.calls.count("apply status")
    receiver.answers = [500]

    back = NOW + timedelta(days=5)
    assert await deliver(cluster, now=back) == 5
    assert await deliver(cluster, now=back + timedelta(seconds=6)) is None
    assert written == 1
    assert status_of(cluster)["callback"]["attempts"] == 2


async def test_a_result_that_retention_has_removed_is_given_up(receiver: Receiver) -> None:
    cluster = owing(receiver.url)

    assert await deliver(cluster, bridge=EMPTIED) is None
    assert await deliver(cluster) is None

    assert receiver.posts == []
    assert status_of(cluster)["conditions"][-1]["reason"] == "GivenUp"
    assert status_of(cluster)["callback"]["lastError"].startswith("the bridge answered 410")


async def test_what_is_final_makes_no_noise(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.answers = [404]

    with caplog.at_level(logging.INFO, "batterysim_operator.delivery.controller"):
        await deliver(owing(receiver.url, format="jobManager"))

    assert [entry.levelname for entry in caplog.records] == ["INFO"]


async def test_an_address_that_was_spoilt_by_an_edit_is_told_and_tried_again() -> None:
    """The schema cannot tell that this port is none, so such an edit gets past the API server."""
    cluster = owing("http://jobs.example.com:99999/r")

    assert await deliver(cluster, allowed=()) == 5
    assert "spec.callback.url" in status_of(cluster)["callback"]["lastError"]


async def test_a_simulation_that_is_gone_is_forgotten() -> None:
    assert await deliver(FakeCluster()) is None


async def test_what_is_secret_in_a_url_is_not_told(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    port = receiver.url.rsplit(":", 1)[1].split("/")[0]
    cluster = owing(f"http://user:password@127.0.0.1:{port}/r?token=abc")
    receiver.answers = [500]

    await deliver(cluster, allowed=(f"http://127.0.0.1:{port}/r",))

    assert len(receiver.posts) == 1
    for said in (json.dumps(status_of(cluster)), caplog.text):
        assert f"http://127.0.0.1:{port} answered 500" in said
        assert "password" not in said
        assert "abc" not in said


async def test_a_receiver_says_when_to_come_back(receiver: Receiver) -> None:
    receiver.answers, receiver.retry_after = [429], "120"

    assert await deliver(owing(receiver.url)) == 120


async def test_a_receiver_that_wants_to_be_left_alone_for_a_year_is_not_obeyed(receiver: Receiver) -> None:
    receiver.answers, receiver.retry_after = [503], "31536000"

    assert await deliver(owing(receiver.url)) == 6 * 3600


@pytest.mark.parametrize(
    "wish",
    [
        "Mon, 01 Jan 2024 00:00:00 +99999999999999999999",
        "Mon, 99999999999999999999 Jan 2024 00:00:00 GMT",
        "Mon, 01 Jan 2024 99999999999:00:00 GMT",
    ],
)
async def test_a_time_that_cannot_be_is_no_wish(receiver: Receiver, wish: str) -> None:
    """It once counted as no attempt, so that the receiver was called for ever."""
    receiver.answers, receiver.retry_after = [503], wish
    cluster = owing(receiver.url)

    await deliver(cluster)

    assert status_of(cluster)["callback"]["attempts"] == 1


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
        await deliver(cluster)

    assert status_of(cluster)["callback"]["lastError"] == (
        f"http://127.0.0.1:{port} sent an answer that is not HTTP"
    )


class Strict(Dns):
    """Fails as the system's resolver does for a name with an empty label."""

    async def resolve(self, host: str, *_: Any) -> list[ResolveResult]:
        raise UnicodeError(f"label empty in {host}")


async def test_a_host_that_no_resolver_takes_is_an_error_like_any_other() -> None:
    cluster = owing("http://jobs.example/")

    assert await deliver(cluster, allowed=(), dns=Strict()) == 5
    assert "http://jobs.example could not be called" in status_of(cluster)["callback"]["lastError"]


async def test_a_host_that_is_no_name_is_said_to_be_none() -> None:
    """The API server has it from before this was checked."""
    cluster = owing("http://a..b/")

    assert await deliver(cluster, allowed=(), dns=Strict()) == 5
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
        await deliver(cluster)
        status_of(cluster)["callback"].pop("nextAttemptTime")
    cluster.object["spec"]["callback"]["url"] = receiver.url
    cluster.object["metadata"]["generation"] = 2

    assert await deliver(cluster) is None
    assert len(receiver.posts) == 1
    assert status_of(cluster)["callback"]["attempts"] == 1
