"""Memory while large results are sent."""

import asyncio
import tracemalloc

from aiohttp import web
from aiohttp.test_utils import TestServer

from batterysim_operator.delivery.body import Body
from batterysim_operator.delivery.controller import DeliveryController
from batterysim_operator.delivery.receivers import Receivers
from tests.unit.operator.delivery.deliveries import KEY, NOW, SECRET, FakeBridge, policy_for, with_secret
from tests.unit.operator.delivery.test_destination import Dns

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
