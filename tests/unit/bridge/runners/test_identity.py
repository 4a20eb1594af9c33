"""Only the pod of a simulation's Job brings its result; only who may `get` a simulation reads it."""

import pytest

from batterysim import names
from batterysim_bridge.cluster.cluster import POD_UID_EXTRA, Child
from batterysim_bridge.runners.identity import Item, objection_to_runner
from batterysim_kube.controllers import Controller

from ..builders import (
    API_TOKEN,
    NAME,
    OTHER_UID,
    READER_TOKEN,
    RESULT_PATH,
    RUNNER_TOKEN,
    UID,
    parquet,
    upload_headers,
)
from ..fake_cluster import JOB_UID, POD_UID, READER, RUNNER, FakeCluster

JOB_NAME = names.job_name(UID)
POD = Child("runner-pod", POD_UID, Controller("Job", JOB_NAME, JOB_UID))
ITEM = Item(names.KIND, NAME, UID, JOB_NAME)
JOB = Child(JOB_NAME, JOB_UID, Controller(names.KIND, NAME, UID))


def test_the_runner_of_the_simulation_is_accepted():
    assert objection_to_runner(RUNNER, POD, JOB, ITEM) is None


@pytest.mark.parametrize(
    ("pod", "job", "objection"),
    [
        (None, JOB, "pod 'runner-pod' with UID a5518533"),
        (POD._replace(uid=OTHER_UID), JOB, "is gone"),
        (POD._replace(controller=None), JOB, "does not belong to a Job"),
        (
            POD._replace(controller=Controller("ReplicaSet", JOB_NAME, JOB_UID)),
            JOB,
            "does not belong to a Job",
        ),
        (POD._replace(controller=Controller("Job", "another", JOB_UID)), JOB, "belongs to Job 'another'"),
        (POD, None, "Job 'bsim-2e620a05"),
        (POD, JOB._replace(uid=OTHER_UID), "is gone"),
        (POD, JOB._replace(controller=None), "does not belong to 'cell-discharge'"),
        (POD, JOB._replace(controller=Controller(names.KIND, NAME, OTHER_UID)), "does not belong to"),
        (POD, JOB._replace(controller=Controller(names.KIND, "another", UID)), "does not belong to"),
        (POD, JOB._replace(controller=Controller("CronJob", NAME, UID)), "does not belong to"),
    ],
)
def test_a_broken_chain_from_token_to_simulation_is_refused(pod, job, objection):
    assert objection in objection_to_runner(RUNNER, pod, job, ITEM)


def test_the_runner_of_an_earlier_object_of_the_same_name_is_refused():
    objection = objection_to_runner(
        RUNNER, POD, None, ITEM._replace(uid=OTHER_UID, job_name=names.job_name(OTHER_UID))
    )

    assert f"has UID {OTHER_UID}; it may have been deleted and created again" in objection


async def put(client, token: str = RUNNER_TOKEN) -> tuple[int, str]:
    answer = await client.put(RESULT_PATH, content=parquet(), headers=upload_headers(parquet(), token))
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def test_a_token_for_another_audience_is_refused(client):
    assert await put(client, API_TOKEN) == (401, "not-authenticated")


async def test_a_request_without_a_token_is_refused(client):
    answer = await client.put(RESULT_PATH, content=parquet())

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_runner_of_another_namespace_is_refused(client, cluster: FakeCluster):
    stranger = RUNNER._replace(username="system:serviceaccount:lab:batterysim-runner")
    cluster.users[RUNNER_TOKEN, names.TOKEN_AUDIENCE] = stranger

    assert await put(client) == (403, "not-the-runner")


async def test_a_person_with_the_right_audience_is_no_runner(client, cluster: FakeCluster):
    cluster.users[RUNNER_TOKEN, names.TOKEN_AUDIENCE] = READER

    assert await put(client) == (403, "not-the-runner")


async def test_a_token_that_outlived_its_pod_is_refused(client, cluster: FakeCluster):
    extra = {**RUNNER.extra, POD_UID_EXTRA: [OTHER_UID]}
    cluster.users[RUNNER_TOKEN, names.TOKEN_AUDIENCE] = RUNNER._replace(extra=extra)

    assert await put(client) == (403, "not-the-runner")


async def test_a_result_for_a_deleted_object_is_refused(client, cluster: FakeCluster):
    cluster.objects.clear()

    assert await put(client) == (404, "not-found")


async def test_an_api_server_that_does_not_answer_is_no_refusal(client, cluster: FakeCluster):
    cluster.is_down = True

    assert await put(client) == (503, "cluster-unavailable")


async def get(client, token: str) -> tuple[int, str]:
    answer = await client.get(RESULT_PATH, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def test_who_may_not_get_the_simulation_may_not_read_its_result(client, cluster: FakeCluster):
    cluster.readers.clear()

    assert await get(client, READER_TOKEN) == (403, "access-denied")


async def test_who_may_not_read_does_not_learn_whether_the_simulation_exists(client, cluster: FakeCluster):
    cluster.readers.clear()
    cluster.objects.clear()

    assert await get(client, READER_TOKEN) == (403, "access-denied")


async def test_an_unknown_token_reads_nothing(client):
    assert await get(client, "guessed") == (401, "not-authenticated")


async def test_a_runner_reads_no_results(client):
    assert await get(client, RUNNER_TOKEN) == (403, "access-denied")
