"""Results come in whole, from the right pod, once; or they are refused with a reason."""

import asyncio
import errno
import hashlib
import json
import logging
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from batterysim.results import VOLTAGE
from batterysim_bridge.app import create_app
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.intake import intake
from batterysim_bridge.intake.intake import Intake
from batterysim_bridge.intake.upload_headers import UploadHeaders
from batterysim_bridge.store.directory import DirectoryStore
from batterysim_bridge.store.store import ResultKey

from ..builders import (
    METADATA,
    NAMESPACE,
    OTHER_UID,
    RESULT_PATH,
    RUNNER_TOKEN,
    SERIES,
    UID,
    digest,
    files_under,
    parquet,
    stored_bytes,
    upload_headers,
    with_settings,
)
from ..conftest import MAX_RESULT_BYTES
from ..fake_cluster import SIMULATION, FakeCluster

KEY = ResultKey(NAMESPACE, UID)


async def upload(client: httpx.AsyncClient, content: bytes, **headers: str) -> httpx.Response:
    return await client.put(RESULT_PATH, content=content, headers=upload_headers(content) | headers)


def assert_refused(answer: httpx.Response, status: int, slug: str, *, retryable: bool = False) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:batterysim:problem:{slug}"
    assert answer.json()["retryable"] is retryable


async def test_a_result_of_a_later_version_is_taken(client, cluster: FakeCluster):
    """Of a runner that is already new, while the bridge is still old, or again."""
    metadata = METADATA.to_json_dict()
    summary = {**metadata["summary"], "endReason": "CoolantLost", "newField": 1}
    content = parquet(metadata=json.dumps({**metadata, "summary": summary, "newPart": {"of": ["it"]}}))

    assert (await upload(client, content)).status_code == 200

    assert cluster.status["summary"]["endReason"] == "CoolantLost"


async def test_an_upload_is_stored_and_answered_with_what_is_stored(client, store: DirectoryStore):
    content = parquet()

    answer = await upload(client, content)

    assert answer.status_code == 200
    assert answer.json() == {
        "uri": f"http://bridge:8084{RESULT_PATH}",
        "sha256": hashlib.sha256(content).hexdigest(),
        "sizeBytes": len(content),
        "rows": 3,
    }
    assert stored_bytes(store, KEY) == content


async def test_an_upload_is_reported_in_the_status(client, cluster: FakeCluster):
    answer = await upload(client, parquet())

    assert cluster.status["results"] == answer.json()
    assert cluster.status["progress"] == {"percent": 100, "stage": "Done"}
    assert cluster.status["summary"]["dischargeCapacityAmpereHours"] == 4.96032
    assert cluster.status["provenance"] == METADATA.provenance.to_json_dict()
    assert cluster.status["timeline"] == dict.fromkeys(
        ["runnerStartedTime", "solverImportedTime", "solvedTime", "resultReceivedTime", "resultStoredTime"],
        "2026-11-24T12:00:00Z",
    )


async def test_the_first_result_wins_and_a_second_upload_reports_it_again(client, cluster, store):
    first = await upload(client, parquet())
    cluster.status.clear()

    second = await upload(client, parquet({**SERIES, VOLTAGE: [1.0, 2.0, 3.0]}))

    assert second.status_code == 200
    assert second.json() == first.json() == cluster.status["results"]
    assert stored_bytes(store, KEY) == parquet()


async def test_a_result_that_cannot_be_reported_is_kept_and_the_runner_asked_to_come_back(
    client, cluster, store
):
    cluster.refuses_status = True

    refused = await upload(client, parquet())

    assert_refused(refused, 503, "cluster-unavailable", retryable=True)
    assert int(refused.headers["Retry-After"]) > 0
    assert store.find(KEY) is not None
    cluster.refuses_status = False
    assert (await upload(client, parquet())).status_code == 200
    assert "results" in cluster.status


async def test_a_simulation_that_fails_while_its_result_arrives_stays_so(client, cluster, store):
    """Its receiver has been told of the failure: a second end would be told, too."""
    apply_status = cluster.apply_status

    async def fail_first(*arguments, **options):
        cluster.objects = {name: item._replace(phase="Failed") for name, item in cluster.objects.items()}
        await apply_status(*arguments, **options)

    cluster.apply_status = fail_first

    refused = await upload(client, parquet())

    assert_refused(refused, 409, "ended", retryable=False)
    assert "results" not in cluster.status
    assert store.find(KEY) is None


async def test_the_part_of_a_failed_run_may_be_sent_again_and_stays(client, cluster, store):
    """The operator may have told of the failure before the runner heard that its part is stored."""
    metadata = METADATA.to_json_dict()
    summary = {**metadata["summary"], "endReason": "SolverFailed", "partial": True}
    part = parquet(metadata=json.dumps({**metadata, "summary": summary}))
    await upload(client, part)
    cluster.objects = {
        name: item._replace(phase="Failed", has_result=True) for name, item in cluster.objects.items()
    }

    assert (await upload(client, part)).status_code == 200

    assert cluster.status["summary"]["endReason"] == "SolverFailed"
    assert store.find(KEY) is not None


async def test_a_simulation_that_has_failed_stays_so_when_its_result_comes_late(client, cluster, store):
    cluster.objects = {name: item._replace(phase="Failed") for name, item in cluster.objects.items()}

    refused = await upload(client, parquet())

    assert_refused(refused, 409, "ended")
    assert store.find(KEY) is None
    assert cluster.status == {}


@pytest.mark.parametrize("announced_more", [1, -1])
async def test_content_of_another_length_than_announced_is_refused(client, tmp_path, announced_more):
    content = parquet()

    answer = await upload(client, content, **{"Content-Length": str(len(content) + announced_more)})

    assert_refused(answer, 400, "content-damaged", retryable=True)
    assert files_under(tmp_path) == set()


async def test_content_with_another_hash_than_announced_is_refused(client, tmp_path, cluster):
    content = parquet()
    damaged = content[:100] + bytes([content[100] ^ 1]) + content[101:]

    answer = await upload(client, damaged, **{"Content-Digest": digest(content)})

    assert_refused(answer, 400, "content-damaged", retryable=True)
    assert files_under(tmp_path) == set()
    assert cluster.status == {}


async def test_content_above_the_limit_is_refused(client):
    assert_refused(await upload(client, b"x" * (MAX_RESULT_BYTES + 1)), 413, "too-large")


async def test_content_that_is_not_parquet_is_refused_for_good(client, tmp_path):
    answer = await upload(client, b"Time [s],Voltage [V]\n0,4.2\n")

    assert_refused(answer, 422, "not-a-result")
    assert "not a Parquet file" in answer.json()["detail"]
    assert files_under(tmp_path) == set()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (parquet(metadata=None), "lacks the key 'batterysim'"),
        (parquet(metadata="{}"), "summary: required, but absent"),
        (parquet({key: value for key, value in SERIES.items() if key != VOLTAGE}), "'Voltage [V]'"),
    ],
)
async def test_parquet_that_is_no_result_is_refused_for_good(client, content, said):
    answer = await upload(client, content)

    assert_refused(answer, 422, "not-a-result")
    assert said in answer.json()["detail"]


async def test_another_content_type_is_refused(client):
    assert_refused(await upload(client, parquet(), **{"Content-Type": "text/csv"}), 415, "unsupported-type")


async def test_content_without_a_length_is_refused(client):
    async def chunks() -> AsyncIterator[bytes]:
        yield parquet()

    answer = await client.put(RESULT_PATH, content=chunks(), headers=upload_headers(parquet()))

    assert_refused(answer, 411, "length-required")


async def test_an_object_deleted_during_the_upload_leaves_nothing_stored(client, cluster, tmp_path):
    async def deletes_the_object() -> AsyncIterator[bytes]:
        yield parquet()
        cluster.objects[SIMULATION.name] = SIMULATION._replace(uid=OTHER_UID)

    headers = upload_headers(parquet()) | {"Content-Length": str(len(parquet()))}
    answer = await client.put(RESULT_PATH, content=deletes_the_object(), headers=headers)

    assert_refused(answer, 409, "replaced")
    assert cluster.status == {}
    assert files_under(tmp_path) == set()


async def test_a_runner_that_stops_sending_is_told_so(client, monkeypatch, tmp_path):
    async def stalls() -> AsyncIterator[bytes]:
        yield b"PAR1"
        await asyncio.Event().wait()

    monkeypatch.setattr(intake, "STALL_SECONDS", 0.01)
    headers = upload_headers(parquet()) | {"Content-Length": "5000"}
    answer = await client.put(RESULT_PATH, content=stalls(), headers=headers)

    assert_refused(answer, 408, "stalled", retryable=True)
    assert files_under(tmp_path) == set()


async def test_a_full_store_asks_the_runner_to_come_back(bridge: Bridge, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(DirectoryStore, "commit", full)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(bridge)), base_url="http://bridge"
    ) as client:
        assert_refused(await upload(client, parquet()), 507, "store-full", retryable=True)


async def test_uploads_are_counted_by_outcome(client):
    await upload(client, parquet())
    await upload(client, b"x" * (MAX_RESULT_BYTES + 1))

    text = (await client.get("/metrics")).text

    assert 'batterysim_bridge_uploads_total{outcome="stored"} 1.0' in text
    assert 'batterysim_bridge_uploads_total{outcome="too-large"} 1.0' in text
    assert f"batterysim_bridge_upload_bytes_total {float(len(parquet()))}" in text


async def test_tokens_are_not_logged(client, caplog):
    with caplog.at_level(logging.DEBUG):
        await upload(client, parquet())
        await upload(client, b"not parquet")

    assert caplog.records
    assert RUNNER_TOKEN not in caplog.text


async def test_namespaces_of_other_bridges_are_not_served(bridge: Bridge):
    app = create_app(with_settings(bridge, watch_namespaces=("lab",)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bridge") as client:
        assert_refused(await upload(client, parquet()), 404, "not-found")


class SlowStore(DirectoryStore):
    """Takes a moment to move a result to its place."""

    def commit(self, file, record):
        time.sleep(0.3)
        return super().commit(file, record)


async def test_an_upload_that_is_cancelled_while_it_is_stored_leaves_no_half_of_it(bridge, tmp_path):
    """At SIGTERM, the directory of an upload was removed while a thread moved it: halves remained."""
    slow = SlowStore(tmp_path / "slow")
    taking = Intake(
        bridge.cluster, slow, bridge.checkpoints, bridge.shares, "http://bridge:8084", bridge.clock
    )
    content = parquet()

    async def blocks():
        yield content

    upload = asyncio.create_task(
        taking.take_result(
            SIMULATION, UploadHeaders(len(content), hashlib.sha256(content).hexdigest()), blocks()
        )
    )
    await asyncio.sleep(0.1)
    upload.cancel()
    await asyncio.gather(upload, return_exceptions=True)

    assert stored_bytes(slow, KEY) == content
    assert [entry.key for entry in slow.entries()] == [KEY]
