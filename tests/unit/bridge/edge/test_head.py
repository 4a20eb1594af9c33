"""HEAD is GET without the content, wherever there is GET."""

import asyncio

import httpx
import pytest

from batterysim_bridge.bridge import Bridge

from ..answers import RESULT, SIMULATION, SIMULATIONS
from ..builders import READER_TOKEN, parquet, put

AS_READER = {"Authorization": f"Bearer {READER_TOKEN}"}


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/page/app.js", "/healthz", "/metrics", "/v1/catalogue", "/v1/openapi.json"),
        *(f"{SIMULATIONS}?namespace=default", SIMULATION, f"{RESULT}/head", f"{SIMULATION}/plot.svg"),
        *(RESULT, f"{RESULT}?format=csv", f"{RESULT}?format=json", f"{RESULT}?variables=nothing", "/nothing"),
    ],
)
async def test_it_has_the_status_and_headers_of_get(
    client: httpx.AsyncClient, bridge: Bridge, path: str
) -> None:
    await asyncio.to_thread(put, bridge.store, parquet())

    got = await client.get(path, headers=AS_READER)
    head = await client.head(path, headers=AS_READER)

    assert (head.status_code, dict(head.headers), head.content) == (got.status_code, dict(got.headers), b"")


@pytest.mark.parametrize("path", [f"{SIMULATION}/events", f"{SIMULATIONS}/events?namespace=default"])
async def test_a_stream_that_goes_on_is_not_waited_for(client: httpx.AsyncClient, path: str) -> None:
    async with asyncio.timeout(5):
        answer = await client.head(path, headers=AS_READER)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")


async def test_results_that_are_only_asked_about_take_no_place(
    client: httpx.AsyncClient, bridge: Bridge
) -> None:
    await asyncio.to_thread(put, bridge.store, parquet())

    async with asyncio.timeout(5):
        for _ in range(20):
            assert (await client.head(f"{RESULT}?format=csv", headers=AS_READER)).status_code == 200
