"""Results on their way out: so many of one tenant, so many in all."""

import asyncio

import pytest
from starlette.responses import Response

from batterysim.process.worker_pool import BusyError
from batterysim_bridge.http import exports as exports_module
from batterysim_bridge.http.exports import Exports, PlacedResponse


async def test_a_tenant_waits_for_its_own_and_others_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports_module, "WAIT_SECONDS", 0.01)
    exports = Exports(most=5, most_of_one=2)
    held = [await exports.enter("greedy") for _ in range(2)]

    with pytest.raises(BusyError, match="2 results are on their way to you, and 2 in all"):
        await exports.enter("greedy")
    await exports.enter("modest")

    await held[0].leave()
    await held[0].leave()
    await exports.enter("greedy")
    with pytest.raises(BusyError):
        await exports.enter("greedy")


async def test_there_are_so_many_places_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports_module, "WAIT_SECONDS", 0.01)
    exports = Exports(most=3, most_of_one=2)
    for number in range(3):
        await exports.enter(f"tenant-{number}")

    with pytest.raises(BusyError):
        await exports.enter("another")


async def test_who_waits_gets_the_next_place() -> None:
    exports = Exports(most=1)
    first = await exports.enter("lab")
    second = asyncio.create_task(exports.enter("plant"))
    await asyncio.sleep(0)
    assert not second.done()

    await first.leave()

    async with asyncio.timeout(5):
        await second


async def test_an_answer_that_nobody_takes_any_more_gives_its_place_back() -> None:
    exports = Exports(most=1)

    async def send(_: object) -> None:
        raise OSError("the client is gone")

    with pytest.raises(OSError, match="gone"):
        await PlacedResponse(Response(b"x"), await exports.enter("lab"))({"type": "http"}, send, send)  # type: ignore[arg-type]

    async with asyncio.timeout(5):
        await exports.enter("lab")
