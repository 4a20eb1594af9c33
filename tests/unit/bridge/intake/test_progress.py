import pytest

from ..builders import API_TOKEN, PROGRESS_PATH, RESULT_PATH, RUNNER_TOKEN, parquet, upload_headers

AUTHORIZED = {"Authorization": f"Bearer {RUNNER_TOKEN}"}


async def test_progress_is_shown_in_the_status(client, cluster):
    answer = await client.put(PROGRESS_PATH, json={"percent": 40, "stage": "Solving"}, headers=AUTHORIZED)

    assert (answer.status_code, answer.content) == (204, b"")
    assert cluster.status == {"progress": {"percent": 40, "stage": "Solving"}}


async def test_progress_after_the_result_is_ignored(client, cluster):
    await client.put(RESULT_PATH, content=parquet(), headers=upload_headers(parquet()))

    answer = await client.put(PROGRESS_PATH, json={"percent": 90, "stage": "Solving"}, headers=AUTHORIZED)

    assert answer.status_code == 204
    assert cluster.status["progress"] == {"percent": 100, "stage": "Done"}


async def test_only_the_runner_reports_progress(client, cluster):
    headers = {"Authorization": f"Bearer {API_TOKEN}"}

    answer = await client.put(PROGRESS_PATH, json={"percent": 40, "stage": "Solving"}, headers=headers)

    assert answer.status_code == 401
    assert cluster.status == {}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"percent": 101, "stage": "Solving"}, "percent: must be at most 100"),
        ({"percent": 1}, "stage: required, but absent"),
    ],
)
async def test_wrong_progress_is_refused_by_field(client, body, said):
    answer = await client.put(PROGRESS_PATH, json=body, headers=AUTHORIZED)

    assert answer.status_code == 400
    assert said in answer.json()["detail"]


async def test_what_only_a_later_bridge_knows_is_left_out(client, cluster):
    body = {"percent": 1, "stage": "Solving", "fuel": 5}

    assert (await client.put(PROGRESS_PATH, json=body, headers=AUTHORIZED)).status_code == 204

    assert cluster.status == {"progress": {"percent": 1, "stage": "Solving"}}


async def test_a_long_progress_is_not_even_read(client):
    answer = await client.put(PROGRESS_PATH, content=b" " * 5000, headers=AUTHORIZED)

    assert answer.status_code == 413
