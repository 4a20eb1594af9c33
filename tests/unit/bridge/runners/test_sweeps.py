"""Parts of a sweep's table come in, each once, and the status says how far it is."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from batterysim.sweep.cluster import tally as tallies
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.intake import sweep_intake
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.tables.tables import MANIFEST_FILE, SWEEP_FILE, DirectorySweepStore

from ..builders import NAMESPACE, READER_TOKEN, RUNNER_TOKEN, parquet
from ..fake_cluster import FakeCluster
from ..fake_sweeps import (
    SPEC,
    SWEEP_PATH,
    SWEEP_UID,
    FakeSweeps,
    part,
    part_headers,
    run_sweep_in,
    tally,
)

KEY = ResultKey(NAMESPACE, SWEEP_UID)
AS_RUNNER = {"Authorization": f"Bearer {RUNNER_TOKEN}"}


@pytest.fixture(autouse=True)
def _a_sweep_at_work(cluster: FakeCluster, sweeps: FakeSweeps, monkeypatch: pytest.MonkeyPatch) -> None:
    sweeps.add()
    run_sweep_in(cluster)
    monkeypatch.setattr(sweep_intake, "WRITE_PAUSE_SECONDS", 0.05)


async def put_part(client: httpx.AsyncClient, shard: int, number: int, content: bytes) -> httpx.Response:
    path = f"{SWEEP_PATH}/shards/{shard}/parts/{number}"
    return await client.put(path, content=content, headers=part_headers(content))


async def report(client: httpx.AsyncClient, shard: int, **fields: Any) -> httpx.Response:
    return await client.put(f"{SWEEP_PATH}/shards/{shard}", json=tally(**fields), headers=AS_RUNNER)


async def written(sweeps: FakeSweeps, count: int = 1) -> dict[str, Any]:
    """Wait for a status; return the newest."""
    for _ in range(500):
        if len(sweeps.statuses) >= count:
            break
        await asyncio.sleep(0.01)
    return sweeps.statuses[-1]


async def test_a_part_is_stored_once(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        assert (await put_part(client, 0, 0, part(0, 1))).status_code == 204

    answer = await client.get(f"{SWEEP_PATH}/shards/0/parts", headers=AS_RUNNER)
    stored = await client.get(f"{SWEEP_PATH}/shards/0/parts/0", headers=AS_RUNNER)

    assert answer.json() == {"parts": 1}
    assert stored.content == part(0, 1)


@pytest.mark.parametrize(("number", "content"), [(0, part(1)), (2, part(2))], ids=["another", "a gap"])
async def test_no_part_takes_the_place_of_another(
    client: httpx.AsyncClient, number: int, content: bytes
) -> None:
    await put_part(client, 0, 0, part(0))

    answer = await put_part(client, 0, number, content)

    assert answer.status_code == 409
    assert answer.json()["type"].endswith(":part-taken")
    assert not answer.json()["retryable"]


async def test_what_is_no_part_is_rejected(client: httpx.AsyncClient) -> None:
    answer = await put_part(client, 0, 0, b"PAR1 no Parquet")

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:batterysim:problem:not-a-result")


async def test_the_store_says_what_the_table_is_of(
    client: httpx.AsyncClient, sweep_store: DirectorySweepStore
) -> None:
    await put_part(client, 0, 0, part(0))

    about = json.loads(sweep_store.read(KEY, SWEEP_FILE) or b"")

    assert (about["metadata"]["name"], about["spec"]) == ("c-rates", SPEC)


async def test_reports_become_one_status(client: httpx.AsyncClient, sweeps: FakeSweeps) -> None:
    await put_part(client, 0, 0, part(0, 1, failed=1))
    await report(client, 0, done=2, failed=1, reasons={"Infeasible": 1}, designSha256="a" * 64)
    await report(client, 1, done=1)

    status = await written(sweeps, 2)

    assert status["progress"] == {"points": 4, "done": 3, "failed": 1, "shards": 2, "shardsDone": 0}
    assert status["failures"]["reasons"] == {"Infeasible": 1}
    assert status["design"] == {"points": 4, "sha256": "a" * 64}
    assert status["results"] == {
        "uri": f"http://bridge:8084{SWEEP_PATH}/points",
        "rows": 2,
        "parts": 1,
        "sizeBytes": len(part(0, 1, failed=1)),
    }


async def test_many_reports_are_few_writes(client: httpx.AsyncClient, sweeps: FakeSweeps) -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    for done in range(40):
        await report(client, 0, points=40, done=done)
    async with asyncio.timeout(10):
        while (sweeps.statuses or [{"progress": {"done": 0}}])[-1]["progress"]["done"] < 39:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    assert len(sweeps.statuses) <= 1 + (clock() - began) / sweep_intake.WRITE_PAUSE_SECONDS


async def test_the_end_of_the_last_shard_is_in_the_status_before_it_is_answered(
    client: httpx.AsyncClient, sweeps: FakeSweeps, sweep_store: DirectorySweepStore
) -> None:
    for shard in range(2):
        await put_part(client, shard, 0, part(2 * shard, 2 * shard + 1))
        assert sweep_store.read(KEY, MANIFEST_FILE) is None
        assert (await report(client, shard, done=2, isOver=True)).status_code == 204

    assert sweeps.statuses[-1]["progress"] | {"pointsPerSecond": None} == {
        "points": 4,
        "done": 4,
        "failed": 0,
        "shards": 2,
        "shardsDone": 2,
        "pointsPerSecond": None,
    }
    manifest = json.loads(sweep_store.read(KEY, MANIFEST_FILE) or b"")
    assert (manifest["done"], [item["path"] for item in manifest["parts"]]) == (
        4,
        ["points/shard=0/part-0.parquet", "points/shard=1/part-0.parquet"],
    )


async def test_an_end_that_was_not_written_is_heard_again(
    client: httpx.AsyncClient, sweeps: FakeSweeps
) -> None:
    await report(client, 0, done=2, isOver=True)
    sweeps.is_down = True
    lost = await report(client, 1, done=2, isOver=True)
    sweeps.is_down = False

    again = await report(client, 1, done=2, isOver=True)

    assert (lost.status_code, again.status_code) == (503, 204)
    assert sweeps.statuses[-1]["progress"]["shardsDone"] == 2


async def test_another_bridge_goes_on_with_what_is_stored(
    client: httpx.AsyncClient, sweeps: FakeSweeps, bridge: Bridge
) -> None:
    await put_part(client, 0, 0, part(0, 1))
    await report(client, 0, done=2, isOver=True)
    await put_part(client, 1, 0, part(2))  # and it ends before it has heard how far the shard is
    await bridge.sweep_intake.close()
    del bridge.__dict__["sweep_intake"]

    await put_part(client, 1, 1, part(3))
    await report(client, 1, done=2, isOver=True)

    status = sweeps.statuses[-1]
    assert (status["progress"]["done"], status["progress"]["shardsDone"]) == (4, 2)
    assert (status["results"]["rows"], status["results"]["parts"]) == (4, 3)


async def test_a_late_report_does_not_undo_an_end(client: httpx.AsyncClient, sweeps: FakeSweeps) -> None:
    await report(client, 0, done=2, isOver=True)
    await report(client, 0, done=1)

    await asyncio.sleep(0.1)

    assert sweeps.statuses[-1]["progress"]["done"] == 2


async def test_a_deleted_sweep_takes_nothing(client: httpx.AsyncClient, sweeps: FakeSweeps) -> None:
    del sweeps.manifests["c-rates"]

    answer = await put_part(client, 0, 0, part(0))

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:batterysim:problem:no-sweep")


async def test_only_the_sweeps_own_pods_may_send(
    client: httpx.AsyncClient, cluster: FakeCluster, sweep_store: DirectorySweepStore
) -> None:
    content = part(0)
    path = f"{SWEEP_PATH}/shards/0/parts/0"
    reader = await client.put(path, content=content, headers=part_headers(content, READER_TOKEN))
    cluster.jobs.clear()
    orphaned = await client.put(path, content=content, headers=part_headers(content))

    assert (reader.status_code, orphaned.status_code) == (403, 403)
    assert sweep_store.parts(KEY) == []


async def test_a_namespace_without_room_stores_no_part(client: httpx.AsyncClient, bridge: Bridge) -> None:
    bridge.shares.__dict__["_quota"] = 10

    answer = await put_part(client, 0, 0, part(0))

    assert (answer.status_code, answer.json()["retryable"]) == (507, True)


async def keep(client: httpx.AsyncClient, point: int, content: bytes) -> httpx.Response:
    headers = part_headers(content)
    return await client.put(f"{SWEEP_PATH}/points/{point}/result", content=content, headers=headers)


async def test_a_whole_result_is_kept_and_may_come_again(
    client: httpx.AsyncClient, sweep_store: DirectorySweepStore
) -> None:
    for _ in range(2):
        assert (await keep(client, 3, parquet())).status_code == 204

    with sweep_store.open_series(KEY, 3) as file:
        assert file.read() == parquet()


async def test_what_is_no_result_is_not_kept(
    client: httpx.AsyncClient, sweep_store: DirectorySweepStore
) -> None:
    answer = await keep(client, 3, part(3))

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:batterysim:problem:not-a-result")
    assert sweep_store.series(KEY) == {}


@pytest.mark.parametrize(("keeps", "left"), [("Best", {1, 2}), ("All", {0, 1, 2})])
async def test_of_the_best_results_of_all_shards_those_of_the_sweep_stay(
    keeps: str,
    left: set[int],
    client: httpx.AsyncClient,
    sweeps: FakeSweeps,
    sweep_store: DirectorySweepStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tallies, "MAX_BEST", 2)
    sweeps.manifests["c-rates"]["spec"] = SPEC | {"series": {"keep": keeps}}
    for shard, points in enumerate(((0, 1), (2, 3))):
        await put_part(client, shard, 0, part(*points))
    for point in range(3):
        await keep(client, point, parquet())
    best = [{"point": point, "value": float(point % 3), "values": {}} for point in (2, 1, 0)]

    await report(client, 0, done=2, isOver=True, goal="Maximise", best=best[1:])
    assert sweep_store.series(KEY).keys() == {0, 1, 2}
    await report(client, 1, done=2, isOver=True, goal="Maximise", best=best[:1])

    assert sweep_store.series(KEY).keys() == left
