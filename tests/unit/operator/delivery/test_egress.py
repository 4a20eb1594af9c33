"""Callbacks through a proxy, and to receivers of a private authority."""

import ssl
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from batterysim_operator.delivery.controller import DeliveryController
from batterysim_operator.delivery.receivers import Receivers
from tests.certificates import make_authority, make_certificate
from tests.unit.operator.delivery.deliveries import (
    KEY,
    NOW,
    FakeBridge,
    Receiver,
    owing,
    policy_for,
    status_of,
)
from tests.unit.operator.delivery.test_destination import Dns
from tests.unit.operator.fake_cluster import FakeCluster

ELSEWHERE = "http://jobs.example.org/r"


async def deliver_through(
    proxy: str, cluster: FakeCluster, dns: Dns | None = None, allowed: Sequence[str] = ()
) -> str | None:
    """Deliver once by a proxy; return what went wrong."""
    policy = policy_for(cluster, tuple(allowed))
    async with Receivers(policy, dns or Dns("93.184.216.34"), proxy=proxy) as receivers:
        await DeliveryController(cluster, FakeBridge(), receivers, lambda: NOW, lambda: 0.5).reconcile(KEY)
    error: str | None = status_of(cluster)["callback"].get("lastError")
    return error


async def test_a_callback_goes_through_the_proxy(receiver: Receiver) -> None:
    error = await deliver_through(receiver.place, owing(ELSEWHERE))

    assert error is None
    assert receiver.hosts == ["jobs.example.org"]


async def test_one_that_is_allowed_by_name_does_not(receiver: Receiver) -> None:
    error = await deliver_through("http://127.0.0.1:1", owing(receiver.url), allowed=[receiver.url])

    assert (error, len(receiver.posts)) == (None, 1)


async def test_a_private_address_is_refused_before_the_proxy_is_asked(receiver: Receiver) -> None:
    error = await deliver_through(receiver.place, owing(ELSEWHERE), Dns("10.0.0.7"))

    assert "jobs.example.org is a private address" in str(error)
    assert receiver.posts == []


async def test_a_name_that_only_the_proxy_knows_is_left_to_it(receiver: Receiver) -> None:
    class Unknown(Dns):
        async def resolve(self, host: str, *_: object) -> list[object]:  # type: ignore[override]
            if host == "jobs.example.org":
                raise OSError("no such name")
            return await super().resolve(host)  # type: ignore[return-value]

    assert await deliver_through(receiver.place, owing(ELSEWHERE), Unknown()) is None


async def test_a_proxy_that_is_away_is_named() -> None:
    error = await deliver_through("http://127.0.0.1:1", owing(ELSEWHERE))

    assert error == (
        "http://jobs.example.org could not be reached: the proxy (operator.callbacks.proxy) is away"
    )


async def test_a_receiver_of_a_private_authority_is_trusted_by_it(tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    certificate = make_certificate(tmp_path, authority, "IP:127.0.0.1")
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/{path:.*}", receiver.take)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context)
    cluster = owing(str(server.make_url("/r")))
    errors = []
    for ca in (None, authority.certificate.read_text("ascii")):
        async with Receivers(policy_for(cluster, None), Dns(), ca=ca) as receivers:
            controller = DeliveryController(cluster, FakeBridge(), receivers, lambda: NOW, lambda: 0.5)
            status_of(cluster).pop("callback", None)
            await controller.reconcile(KEY)
        errors.append(status_of(cluster)["callback"].get("lastError"))
    await server.close()

    assert "TLS certificate was not accepted" in errors[0]
    assert (errors[1], len(receiver.posts)) == (None, 1)
