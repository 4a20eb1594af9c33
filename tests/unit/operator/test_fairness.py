"""One tenant's run and callback, next to 400 callbacks that hang and 1,000 runs that cannot start.

It is counted who is served before whom, because times say as much about the machine. `make faults-fairness`
measures those on a cluster.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web
from devtools.fake_api_server import FakeApiServer, refusal
from kubernetes.aio import client

from batterysim.names import job_name
from batterysim_kube.api_server import ApiServer
from batterysim_operator.control.cluster import Cluster
from batterysim_operator.control.controller import SimulationController
from batterysim_operator.control.workqueue import WorkQueue
from batterysim_operator.delivery.controller import DeliveryController
from batterysim_operator.delivery.destination import AllowedDestination, DestinationPolicy
from batterysim_operator.delivery.receivers import Receivers, receiver_of
from batterysim_operator.handlers import Dispatcher
from batterysim_operator.program import (
    DELIVERY_LIMITS,
    DELIVERY_WORKERS,
    SIMULATION_LIMITS,
    SIMULATION_WORKERS,
)
from batterysim_operator.reconcile.runner_settings import RunnerSettings
from tests.builders import NOW, Json, condition, iso, judge, raw_spec, simulation
from tests.unit.operator.delivery.deliveries import FakeBridge
from tests.unit.operator.delivery.test_destination import Dns

OWED, CROWD = 400, 1000
WAIT_SECONDS = 50.0
"""Less than the minute that a receiver is given."""


class Hanging:
    """A receiver that takes connections, and never answers."""

    def __init__(self) -> None:
        self.open = 0

    async def serve(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
        writer.close()


class Tenants:
    """An operator's queues, an API server, a receiver that hangs and one that does not."""

    def __init__(self, api: FakeApiServer, dispatcher: Dispatcher, hanging: Hanging, urls: list[str]) -> None:
        self.api = api
        self.dispatcher = dispatcher
        self.hanging = hanging
        self.hanging_url, self.taking_url = urls

    async def put(self, name: str, namespace: str, url: str | None = None, **status: Any) -> None:
        """Have a simulation in a state, and have the operator hear of it."""
        spec = raw_spec() if url is None else raw_spec(callback={"url": url})
        manifest = simulation(name=name, namespace=namespace, uid=f"uid-of-{name}", spec=spec, status=status)
        self.dispatcher.simulation_changed(await self.api.put(manifest))

    def rejected_jobs(self) -> int:
        return sum(path.endswith("/crowded/jobs") for path in self.api.paths("POST"))

    def has_job(self, name: str) -> bool:
        return (name.partition("-")[0], job_name(f"uid-of-{name}")) in self.api._stored["jobs"]


def ended(name: str, *, failed: bool) -> Json:
    """Return the status of a simulation whose callback is owed."""
    truth = "False" if failed else "True"
    return {
        "observedGeneration": 1,
        "jobName": job_name(f"uid-of-{name}"),
        "completionTime": iso(NOW),
        "conditions": [condition("Accepted", "True"), condition("Succeeded", truth)],
        **({"failure": {"reason": "Infeasible", "message": "no"}} if failed else {"results": {"rows": 3}}),
    }


@asynccontextmanager
async def receivers_of(posts: list[str], hanging: Hanging) -> AsyncIterator[list[str]]:
    """Give the URLs of a receiver that hangs and of one that takes callbacks."""

    async def take(request: web.Request) -> web.Response:
        posts.append(request.headers["webhook-id"])
        return web.Response(status=204)

    app = web.Application()
    app.add_routes([web.post("/", take)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server = await asyncio.start_server(hanging.serve, "127.0.0.1", 0)
    try:
        yield [
            f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/",
            f"http://127.0.0.1:{runner.addresses[0][1]}/",
        ]
    finally:
        server.close()
        await runner.cleanup()


@pytest.fixture
def posts() -> list[str]:
    return []


@pytest.fixture
async def tenants(posts: list[str]) -> AsyncIterator[Tenants]:
    api, hanging = FakeApiServer(), Hanging()
    api.fault = lambda request: (
        refusal(403, "exceeded quota") if request.path.endswith("/crowded/jobs") else None
    )
    async with (
        api.serve() as url,
        client.ApiClient(client.Configuration(host=url)) as api_client,
        receivers_of(posts, hanging) as urls,
    ):
        policy = DestinationPolicy(tuple(map(AllowedDestination.parse, urls)))
        async with Receivers(policy, Dns()) as receivers:
            cluster = Cluster(ApiServer(api_client))
            settings = RunnerSettings(image="runner:1", bridge_url="http://bridge")
            simulations = SimulationController(cluster, judge(), settings, lambda: NOW)
            deliveries = DeliveryController(cluster, FakeBridge(), receivers, lambda: NOW, lambda: 0.5)
            queues = (
                WorkQueue("simulation", simulations.reconcile, SIMULATION_WORKERS, SIMULATION_LIMITS),
                WorkQueue("delivery", deliveries.reconcile, DELIVERY_WORKERS, DELIVERY_LIMITS),
            )
            tasks = [asyncio.create_task(queue.run()) for queue in queues]
            yield Tenants(api, Dispatcher(*queues), hanging, urls)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)


async def test_one_tenant_is_served_before_the_crowd_and_beside_what_hangs(
    tenants: Tenants, posts: list[str]
) -> None:
    for number in range(OWED):
        name = f"hanging-{number}"
        await tenants.put(name, "hanging", tenants.hanging_url, **ended(name, failed=True))
    await until(lambda: tenants.hanging.open)
    for number in range(CROWD):
        await tenants.put(f"crowded-{number}", "crowded")

    before = tenants.rejected_jobs()
    await tenants.put("calm-1", "calm", tenants.taking_url)
    await until(lambda: tenants.has_job("calm-1"))
    # One look of each worker may be under way, and each takes turns after that.
    assert tenants.rejected_jobs() - before <= 3 * SIMULATION_WORKERS
    await tenants.put("calm-1", "calm", tenants.taking_url, **ended("calm-1", failed=False))
    await until(lambda: posts)

    assert posts == ["msg_uid-of-calm-1"]
    assert tenants.hanging.open == DELIVERY_LIMITS.per_host


@pytest.mark.parametrize(
    ("url", "receiver"),
    [
        ("https://jobs.example.com/a", "jobs.example.com:443"),
        ("https://user:word@JOBS.example.com:443/b?c", "jobs.example.com:443"),
        ("http://jobs.example.com/a", "jobs.example.com:80"),
        ("http://[::1]:8080/", "::1:8080"),
        ("http://jobs.example.com:99999/", "http://jobs.example.com:99999/"),
        ("", ""),
    ],
)
def test_a_receiver_is_a_host_and_a_port(url: str, receiver: str) -> None:
    assert receiver_of(url) == receiver
