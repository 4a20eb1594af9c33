"""The slow round over all simulations, in case an event was missed."""

import asyncio
import logging

import aiohttp
import pytest

from batterysim_operator.control import resync as rounds
from batterysim_operator.control.rest import ApiException, Json
from batterysim_operator.control.resync import make_rounds
from tests.builders import simulation
from tests.unit.operator.fake_cluster import FakeCluster


class Unsteady(FakeCluster):
    """Fails at each round until there are no errors left."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__(simulation())
        self.errors = list(errors)
        self.asked: list[str | None] = []

    async def simulations(self, namespace: str | None) -> list[Json]:
        self.asked.append(namespace)
        if self.errors:
            raise self.errors.pop(0)
        return await super().simulations(namespace)


async def rounds_until_seen(cluster: Unsteady, namespaces: tuple[str, ...] = ()) -> Json:
    """Make rounds until one meets a simulation, and return it."""
    met: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

    def note(manifest: object) -> None:
        if not met.done():
            met.set_result(dict(manifest))  # type: ignore[call-overload]

    task = asyncio.create_task(make_rounds(cluster, namespaces, note))
    try:
        async with asyncio.timeout(2):
            await asyncio.wait([met, task], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        return met.result()
    finally:
        task.cancel()


@pytest.fixture(autouse=True)
def _quick_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "ROUND_SECONDS", 0.001)


async def test_every_simulation_is_met() -> None:
    cluster = Unsteady()

    assert await rounds_until_seen(cluster) == simulation()
    assert cluster.asked[0] is None


async def test_only_the_watched_namespaces_are_asked() -> None:
    cluster = Unsteady()

    await rounds_until_seen(cluster, ("lab", "field"))

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
async def test_a_round_that_fails_is_followed_by_another(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    assert await rounds_until_seen(Unsteady(error)) == simulation()
    assert "the resync was interrupted" in caplog.text
