"""Results over HTTP, wherever they are kept: in and out again, in parts, and gone."""

import pytest

from batterysim_bridge.cluster.simulation import to_simulation
from batterysim_bridge.store.content import BLOCK_BYTES, blocks
from batterysim_bridge.store.store import ResultKey, ResultStore

from ..builders import (
    NAME,
    NAMESPACE,
    READER_TOKEN,
    RESULT_PATH,
    UID,
    manifest,
    parquet,
    put,
    stored_bytes,
    upload_headers,
)
from ..store_places import Place

KEY = ResultKey(NAMESPACE, UID)
CONTENT = parquet()
REMOVED = {"removedTime": "2026-12-24T12:00:00Z", "removalMessage": "it was older than 30 days"}


@pytest.fixture
def store(place: Place) -> ResultStore:
    """The bridge's store is each kind in turn."""
    return place.replica()


async def get(client, query: str = "", **headers: str):
    return await client.get(
        RESULT_PATH + query, headers={"Authorization": f"Bearer {READER_TOKEN}"} | headers
    )


async def test_what_a_runner_uploads_is_what_a_reader_gets(client, store):
    uploaded = await client.put(RESULT_PATH, content=CONTENT, headers=upload_headers(CONTENT))

    assert uploaded.status_code == 200
    assert stored_bytes(store, KEY) == CONTENT
    answer = await get(client)
    assert (answer.content, answer.headers["content-length"]) == (CONTENT, str(len(CONTENT)))
    assert (await get(client, "?format=csv")).text.startswith('"Time [s]"')


@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=0-3", slice(4)), ("bytes=-4", slice(-4, None)), ("bytes=100-", slice(100, None))],
)
async def test_a_part_is_served_as_such(client, store, asked, part):
    put(store, CONTENT)

    answer = await get(client, Range=asked)

    assert (answer.status_code, answer.content) == (206, CONTENT[part])
    assert answer.headers["content-length"] == str(len(CONTENT[part]))


async def test_a_download_that_broke_off_can_go_on(client, store):
    put(store, CONTENT)
    tag = (await get(client, Range="bytes=0-99")).headers["etag"]

    answer = await get(client, **{"Range": "bytes=100-", "If-Range": tag})

    assert (answer.status_code, answer.content) == (206, CONTENT[100:])


async def test_a_part_beyond_the_end_is_refused(client, store):
    put(store, CONTENT)

    answer = await get(client, Range=f"bytes={len(CONTENT)}-")

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"
    assert answer.json()["type"] == "urn:batterysim:problem:range-not-satisfiable"


async def test_a_result_that_retention_has_removed_is_gone(client, cluster):
    cluster.objects[NAME] = to_simulation(
        {**manifest(), "status": {"phase": "Succeeded", "results": REMOVED}}
    )

    answer = await get(client)

    assert answer.status_code == 410
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:batterysim:problem:removed"
    assert answer.json()["detail"] == (
        f"the result of {NAME!r} was removed by retention on 2026-12-24T12:00:00Z: it was older than 30 days"
    )


async def test_a_result_that_is_not_there_yet_is_not_gone(client):
    assert (await get(client)).status_code == 404


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        (
            "http://other:8084/v1/simulations/default/cell-discharge/result",
            "is not in this bridge, but at http:",
        ),
        ("http://bridge:8084/v1/simulations/default/cell-discharge/result", "the store no longer has it"),
    ],
)
async def test_a_result_that_is_elsewhere_or_lost_is_not_awaited(client, cluster, uri, said):
    """If two releases serve a namespace, the other one said: "available once it is Succeeded"."""
    status = {"phase": "Succeeded", "results": {"uri": uri, "sha256": "0" * 64, "sizeBytes": 1, "rows": 1}}
    cluster.objects[NAME] = to_simulation({**manifest(), "status": status})

    answer = await get(client)

    assert answer.status_code == 404
    assert said in answer.json()["detail"]


def test_a_large_content_goes_out_in_blocks(store):
    content = bytes(3 * BLOCK_BYTES)

    sizes = [len(block) for block in blocks(store.open(put(store, content)), range(10, len(content)))]

    assert sizes == [BLOCK_BYTES, BLOCK_BYTES, BLOCK_BYTES - 10]


def test_a_content_that_is_too_short_is_not_taken_for_whole(store):
    with pytest.raises(OSError, match="5 bytes too early"):
        list(blocks(store.open(put(store, b"12345")), range(10)))
