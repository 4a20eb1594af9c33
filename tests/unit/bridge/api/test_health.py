"""Ready means that the process can answer: a store that is full or away takes nothing else away."""

import asyncio
import dataclasses
import shutil
import threading

import httpx

from batterysim_bridge.app import create_app
from batterysim_bridge.store.directory import DirectoryStore

from ..builders import NAME, NAMESPACE, READER_TOKEN, RESULT_PATH, parquet, put, upload_headers

AS_READER = {"Authorization": f"Bearer {READER_TOKEN}"}


async def test_a_bridge_that_knows_the_simulations_is_ready(client):
    assert (await client.get("/readyz")).status_code == 200


async def test_a_bridge_without_the_api_server_can_still_answer(client, cluster):
    cluster.is_down = True

    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200


async def test_a_bridge_without_its_store_can_still_answer(client, tmp_path):
    shutil.rmtree(tmp_path / "store")

    assert (await client.get("/readyz")).status_code == 200
    assert (await client.get("/v1/simulations?namespace=default", headers=AS_READER)).status_code == 200


async def test_a_full_store_takes_nothing_in_and_still_gives_out(client, store, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    put(store, parquet())
    monkeypatch.setattr(DirectoryStore, "incoming", full)
    monkeypatch.setattr(DirectoryStore, "find", lambda *_: None)
    upload = await client.put(RESULT_PATH, content=parquet(), headers=upload_headers(parquet()))
    monkeypatch.undo()

    assert (upload.status_code, upload.json()["retryable"]) == (507, True)
    assert (await client.get("/readyz")).status_code == 200
    assert (await client.get(RESULT_PATH, headers=AS_READER)).status_code == 200


async def test_a_store_that_hangs_holds_up_nobody_who_does_not_need_it(bridge, cluster):
    """Also with more calls to it than there are threads."""
    released = threading.Event()

    class HangingStore(DirectoryStore):
        def find(self, key):
            released.wait(30)

    store = HangingStore(bridge.settings.result_store.directory)
    bridge = dataclasses.replace(bridge, store=store)
    bridge.simulations.replace(None, await cluster.listing(None))
    transport = httpx.ASGITransport(create_app(bridge))
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge:8084") as client:
        hanging = [asyncio.create_task(client.get(RESULT_PATH, headers=AS_READER)) for _ in range(100)]
        await asyncio.sleep(0.1)
        try:
            async with asyncio.timeout(10):
                assert (await client.get("/readyz")).status_code == 200
                await asyncio.get_running_loop().getaddrinfo("localhost", 80)
                await client.get(f"/v1/simulations/{NAMESPACE}/{NAME}", headers=AS_READER)
        finally:
            released.set()
            await asyncio.gather(*hanging)


async def test_an_unknown_path_is_a_problem_document(client):
    answer = await client.get("/v1/nothing")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
