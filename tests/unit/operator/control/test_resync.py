"""The slow pass over all simulations, in case an event was missed."""

import asyncio
import logging
from collections.abc import AsyncGenerator

import aiohttp
import pytest

from batterysim_kube.api_server import Json
from batterysim_kube.errors import ApiException
from batterysim_operator.control import resync
from batterysim_operator.control.known import KnownObjects
from batterysim_operator.control.resync import resync_forever
from tests.builders import simulation
from tests.unit.operator.fake_cluster import FakeCluster


class Unsteady(FakeCluster):
    """Fails at each list until there are no errors left, and always in the namespaces that are `gone`."""

    def __init__(self, *errors: Exception, gone: tuple[str, ...] = ()) -> None:
        super().__init__(simulation())
        self.errors = list(errors)
        self.gone = gone
        self.asked: list[str | None] = []

    async def simulations(self, namespace: str | None) -> AsyncGenerator[Json, None]:
        self.asked.append(namespace)
        if self.errors:
            raise self.errors.pop(0)
        if namespace in self.gone:
            raise ApiException(status=403)
        async for item in super().simulations(namespace):
            yield item


async def resync_until_seen(
    cluster: Unsteady, namespaces: tuple[str, ...] = (), known: KnownObjects | None = None
) -> Json:
    """Resync until a simulation is met, and return it."""
    met: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

    def note(manifest: object) -> None:
        if not met.done():
            met.set_result(dict(manifest))  # type: ignore[call-overload]

    task = asyncio.create_task(resync_forever(cluster.simulations, namespaces, known or KnownObjects(), note))
    try:
        async with asyncio.timeout(2):
            await asyncio.wait([met, task], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        return met.result()
    finally:
        task.cancel()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resync, "RESYNC_SECONDS", 0.001)


async def test_every_simulation_is_met() -> None:
    cluster = Unsteady()

    assert await resync_until_seen(cluster) == simulation()
    assert cluster.asked[0] is None


async def test_only_the_watched_namespaces_are_asked() -> None:
    cluster = Unsteady()

    await resync_until_seen(cluster, ("lab", "field"))

    assert cluster.asked[0] == "lab"


@pytest.mark.parametrize(
    "error",
    [
        ApiException(status=500),
        TimeoutError(),
        ConnectionResetError(),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError("the answer broke off"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_resync_that_fails_is_followed_by_another(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    assert await resync_until_seen(Unsteady(error)) == simulation()
    assert "the resync of all namespaces was interrupted" in caplog.text


async def test_a_namespace_that_was_deleted_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)

    assert await resync_until_seen(Unsteady(gone=("field",)), ("field", "lab")) == simulation()
    assert "the resync of namespace 'field' was interrupted: 403" in caplog.text


async def test_what_is_met_no_more_is_forgotten() -> None:
    known = KnownObjects()
    known.note(simulation(uid="6f1b2c3d-0000-4000-8000-000000000009"))

    await resync_until_seen(Unsteady(), known=known)
    await asyncio.sleep(0.01)

    assert len(known) == 0
