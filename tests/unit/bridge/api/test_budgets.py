"""What takes too long to check or to draw ends, and the bridge answers others meanwhile."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import httpx
import pytest

from batterysim.process.worker_pool import Budget, WorkerPool
from batterysim_bridge.app import create_app
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.program import PRELOAD

from ..builders import WRITER_TOKEN

AS_WRITER = {"Authorization": f"Bearer {WRITER_TOKEN}"}
EXPENSIVE = {
    # A megabyte of either takes half a second and more.
    "application/yaml": b"a: [" + b"{}," * 340_000 + b"]",
    "application/json": b'{"spec": {"a": [' + b"{}," * 340_000 + b"{}]}}",
}


@pytest.fixture
async def client(bridge: Bridge) -> AsyncIterator[httpx.AsyncClient]:
    budget = Budget(cpu_seconds=0.05, patience_seconds=60)
    async with WorkerPool(PRELOAD, budget) as work:
        app = create_app(dataclasses.replace(bridge, work=work))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bridge") as client:
            yield client


@pytest.mark.parametrize("media_type", EXPENSIVE)
@pytest.mark.parametrize("path", ["/v1/validate", "/v1/simulations"])
async def test_a_body_that_takes_too_long_is_invalid_and_others_are_answered_meanwhile(
    client: httpx.AsyncClient, path: str, media_type: str
) -> None:
    headers = AS_WRITER | {"Content-Type": media_type}
    expensive = asyncio.create_task(client.post(path, content=EXPENSIVE[media_type], headers=headers))
    await asyncio.sleep(0)

    assert (await client.get("/healthz")).status_code == 200
    assert not expensive.done()

    answer = await expensive
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "body"
    assert "more than 0.05 s of CPU time" in error["message"]


async def test_an_ordinary_body_is_answered(client: httpx.AsyncClient) -> None:
    spec = {
        "cell": {"parameterSet": "Chen2020"},
        "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3600}},
    }

    assert (await client.post("/v1/validate", json={"spec": spec}, headers=AS_WRITER)).status_code == 200
    wrong = await client.post("/v1/validate", json={"spec": {}}, headers=AS_WRITER)

    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "spec.cell"
