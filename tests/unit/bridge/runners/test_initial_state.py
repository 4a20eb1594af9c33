"""A runner gets the state of the one earlier simulation that its own simulation names, and of no other."""

import io
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from batterysim import results
from batterysim.names import initial_state_path
from batterysim.results import STATE_METADATA_KEY
from batterysim_bridge.cluster.simulation import to_simulation
from batterysim_bridge.store.directory import DirectoryStore

from ..builders import (
    NAME,
    NAMESPACE,
    OTHER_UID,
    READER_TOKEN,
    RESULT_PATH,
    RUNNER_TOKEN,
    manifest,
    parquet,
    record,
    upload_headers,
)
from ..fake_cluster import FakeCluster

PATH = initial_state_path(NAMESPACE, NAME)
STATE = b'{"format":1,"variables":[]}'


def with_state(state: bytes = STATE) -> bytes:
    """Return a result file with a state, as the runner writes it."""
    table = pq.read_table(io.BytesIO(parquet()))
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({STATE_METADATA_KEY: state})
    return buffer.getvalue()


def going_on(cluster: FakeCluster, earlier: str | None = "first") -> None:
    """Have the runner's simulation go on from another one."""
    own = manifest(NAME)
    if earlier is not None:
        own["spec"]["cell"]["initialState"] = {"fromResult": earlier}
    cluster.manifests[NAME] = own


def store_first(cluster: FakeCluster, store: DirectoryStore, content: bytes, **status: Any) -> None:
    first = manifest("first", 7, "Succeeded", uid=OTHER_UID)
    first["status"].update(status)
    cluster.objects["first"] = to_simulation(first)
    with store.incoming() as file:
        file.write_bytes(content)
        store.commit(file, record(content, uid=OTHER_UID))


async def load(client: httpx.AsyncClient, token: str = RUNNER_TOKEN) -> httpx.Response:
    return await client.get(PATH, headers={"Authorization": f"Bearer {token}"})


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).removeprefix("urn:batterysim:problem:")


async def test_the_state_is_that_in_the_earlier_result(client, cluster: FakeCluster, store: DirectoryStore):
    going_on(cluster)
    store_first(cluster, store, with_state())

    answer = await load(client)

    assert (answer.status_code, answer.content) == (200, STATE)
    assert answer.headers["content-type"] == "application/json"


async def test_others_than_the_runner_do_not_get_it(client, cluster: FakeCluster, store: DirectoryStore):
    going_on(cluster)
    store_first(cluster, store, with_state())

    assert (await load(client, READER_TOKEN)).status_code == 403


async def test_a_simulation_that_starts_by_itself_gets_none(client, cluster: FakeCluster):
    going_on(cluster, None)

    answer = await load(client)

    assert (answer.status_code, slug(answer)) == (404, "no-initial-state")


async def test_an_earlier_simulation_that_is_gone_is_told(client, cluster: FakeCluster):
    going_on(cluster)

    answer = await load(client)

    assert (answer.status_code, slug(answer)) == (404, "no-initial-state")
    assert "'first' is not in namespace" in answer.json()["detail"]


async def test_a_result_that_retention_took_is_told(client, cluster: FakeCluster):
    going_on(cluster)
    first = manifest("first", 7, "Succeeded", uid=OTHER_UID)
    first["status"]["results"] = {"removedTime": "2026-11-24T12:00:00Z", "removalMessage": "older than a day"}
    cluster.objects["first"] = to_simulation(first)

    answer = await load(client)

    assert (answer.status_code, slug(answer), answer.json()["retryable"]) == (410, "removed", False)


async def test_a_result_without_a_state_is_told(client, cluster: FakeCluster, store: DirectoryStore):
    going_on(cluster)
    store_first(cluster, store, parquet())

    answer = await load(client)

    assert (answer.status_code, slug(answer)) == (404, "no-initial-state")
    assert "has no state to go on from" in answer.json()["detail"]


async def test_a_state_that_is_too_large_is_no_result(client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(results, "MAX_STATE_BYTES", len(STATE) - 1)
    content = with_state()

    answer = await client.put(RESULT_PATH, content=content, headers=upload_headers(content))

    assert (answer.status_code, slug(answer)) == (422, "not-a-result")
