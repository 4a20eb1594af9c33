"""A run's newest checkpoint is kept for its next pod, and for nobody and no longer than that."""

import httpx
import pytest

from batterysim.names import checkpoint_path
from batterysim_bridge.store.checkpoints import DirectoryCheckpointStore
from batterysim_bridge.store.store import ResultKey

from ..builders import (
    API_TOKEN,
    NAME,
    NAMESPACE,
    OTHER_UID,
    RESULT_PATH,
    RUNNER_TOKEN,
    UID,
    digest,
    files_under,
    parquet,
    upload_headers,
)
from ..conftest import MAX_CHECKPOINT_BYTES
from ..fake_cluster import SIMULATION

PATH = checkpoint_path(NAMESPACE, NAME)
KEY = ResultKey(NAMESPACE, UID)
CONTENT = bytes(range(256)) * 10


async def save(client: httpx.AsyncClient, content: bytes = CONTENT, **headers: str) -> httpx.Response:
    own = {
        "Authorization": f"Bearer {RUNNER_TOKEN}",
        "Content-Type": "application/octet-stream",
        "Content-Digest": digest(content),
    }
    return await client.put(PATH, content=content, headers=own | headers)


async def load(client: httpx.AsyncClient, token: str = RUNNER_TOKEN) -> httpx.Response:
    return await client.get(PATH, headers={"Authorization": f"Bearer {token}"})


def slug(answer: httpx.Response) -> str:
    return answer.json()["type"].removeprefix("urn:batterysim:problem:")


async def test_the_newest_checkpoint_comes_back(client):
    assert (await save(client, b"older")).status_code == 204
    assert (await save(client)).status_code == 204

    answer = await load(client)

    assert (answer.status_code, answer.content) == (200, CONTENT)


async def test_a_run_that_has_not_been_saved_is_told_so(client):
    answer = await load(client)

    assert (answer.status_code, slug(answer)) == (404, "no-checkpoint")


async def test_only_the_runs_own_pods_may(client, checkpoints):
    await save(client)

    assert (await load(client, API_TOKEN)).status_code == 401
    assert (await save(client, Authorization=f"Bearer {API_TOKEN}")).status_code == 401


async def test_an_object_that_was_made_again_does_not_go_on_from_the_old_ones(client, cluster):
    await save(client)
    cluster.objects[NAME] = SIMULATION._replace(uid=OTHER_UID)

    answer = await load(client)

    assert (answer.status_code, slug(answer)) == (403, "not-the-runner")


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"x" * (MAX_CHECKPOINT_BYTES + 1), {}, 413),
        (CONTENT, {"Content-Digest": digest(b"other")}, 400),
        (CONTENT, {"Content-Type": "text/csv"}, 415),
    ],
    ids=["too large", "damaged", "another type"],
)
async def test_what_is_refused_leaves_the_one_before(client, content, headers, status):
    await save(client)

    assert (await save(client, content, **headers)).status_code == status

    assert (await load(client)).content == CONTENT


async def test_it_is_gone_when_the_result_is_stored(client, tmp_path, checkpoints):
    await save(client)

    await client.put(RESULT_PATH, content=parquet(), headers=upload_headers(parquet()))

    assert checkpoints.open(KEY) is None
    assert not any("checkpoint" in path for path in files_under(tmp_path))


async def test_one_of_an_earlier_cycle_does_not_take_its_place(client):
    assert (await save(client, b"cycle 500", **{"Batterysim-Cycle": "500"})).status_code == 204

    answer = await save(client, b"cycle 1", **{"Batterysim-Cycle": "1"})

    assert (answer.status_code, slug(answer)) == (412, "later-checkpoint")
    assert (await load(client)).content == b"cycle 500"


async def test_one_that_its_run_cannot_use_makes_room(client):
    await save(client, b"cycle 500", **{"Batterysim-Cycle": "500"})

    assert (await client.delete(PATH, headers={"Authorization": f"Bearer {API_TOKEN}"})).status_code == 401
    assert (await load(client)).content == b"cycle 500"
    assert (await client.delete(PATH, headers={"Authorization": f"Bearer {RUNNER_TOKEN}"})).status_code == 204

    assert (await save(client, b"cycle 1", **{"Batterysim-Cycle": "1"})).status_code == 204
    assert (await load(client)).content == b"cycle 1"


@pytest.mark.parametrize("cycle", ["-1", "1.5", "", "first", "9" * 19])
async def test_a_cycle_that_is_no_number_is_refused(client, cycle):
    answer = await save(client, **{"Batterysim-Cycle": cycle})

    assert (answer.status_code, slug(answer)) == (400, "bad-request")


@pytest.mark.parametrize("change", [{"phase": "Failed"}, {"has_result": True}])
async def test_a_run_that_has_ended_saves_nothing_more(client, cluster, checkpoints, change):
    cluster.objects[NAME] = SIMULATION._replace(**change)

    answer = await save(client)

    assert (answer.status_code, slug(answer)) == (409, "ended")
    assert checkpoints.open(KEY) is None


async def test_a_full_store_is_said_to_be_full(client, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DirectoryCheckpointStore, "commit", full)

    assert (await save(client)).status_code == 507
