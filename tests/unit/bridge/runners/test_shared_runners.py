"""What shared runners call, over HTTP: who may, and what cannot be said."""

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from batterysim import names
from batterysim_bridge.app import create_app
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.cluster.cluster import POD_NAME_EXTRA, POD_UID_EXTRA, User
from batterysim_bridge.settings import SharedRunnersSettings

from ..builders import NAMESPACE
from ..fake_cluster import FakeCluster

HOST_TOKEN = "shared-runner-token"
ACCOUNT = f"system:serviceaccount:{NAMESPACE}:batterysim-shared-runner"
POD = {POD_NAME_EXTRA: ["runner-abcde"], POD_UID_EXTRA: ["pod-uid"]}
WORK = names.work_path(NAMESPACE)
HEARTBEAT = names.heartbeat_path(NAMESPACE)


@pytest.fixture
async def client(bridge: Bridge, cluster: FakeCluster) -> AsyncIterator[httpx.AsyncClient]:
    """Of a shared runner in a namespace that has some. It raises what would be a 500."""
    shared = SharedRunnersSettings(namespaces=frozenset({NAMESPACE}))
    settings = bridge.settings.model_copy(update={"shared_runners": shared})
    bridge = dataclasses.replace(bridge, settings=settings)
    cluster.users[(HOST_TOKEN, names.TOKEN_AUDIENCE)] = User(ACCOUNT, "sa-uid", (), POD)
    transport = httpx.ASGITransport(create_app(bridge))
    headers = {"Authorization": f"Bearer {HOST_TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://b", headers=headers) as client:
        yield client


def beat(**attempt: Any) -> dict[str, Any]:
    return {"process": "1a", "attempts": [{"name": "cell", "uid": "u", "attempt": 1} | attempt]}


async def test_a_runner_is_told_to_stop_what_is_not_there(client: httpx.AsyncClient) -> None:
    answer = await client.post(HEARTBEAT, json=beat())

    assert answer.json() == {"stop": [{"uid": "u", "attempt": 1}]}


@pytest.mark.parametrize(
    "wrong", [{"name": "../../../api/v1/secrets"}, {"name": "a/b"}, {"name": ""}, {"attempt": 10**400}]
)
async def test_no_path_is_made_of_what_a_runner_says_it_has(
    client: httpx.AsyncClient, cluster: FakeCluster, wrong: dict[str, Any]
) -> None:
    """It once was a traceback in the log and a 500."""
    answer = await client.post(HEARTBEAT, json=beat(**wrong))

    assert answer.status_code == 400
    assert cluster.read == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"process": "1a", "waitSeconds": NaN}',
        b'{"process": "1a", "waitSeconds": 1e999}',
        b'{"process": "1a", "waitSeconds": -1}',
        b'{"process": "../1a"}',
        b"[" * 60_000,
        b"\xff",
        b"",
    ],
)
async def test_a_wrong_request_for_work_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    assert (await client.post(WORK, content=body)).status_code == 400


async def test_a_large_request_is_not_read(client: httpx.AsyncClient) -> None:
    assert (await client.post(HEARTBEAT, content=b" " * 100_000)).status_code == 413


@pytest.mark.parametrize(
    "user",
    [
        User(f"system:serviceaccount:{NAMESPACE}:default", "u", (), POD),
        User("system:serviceaccount:other:batterysim-shared-runner", "u", (), POD),
        User(ACCOUNT, "u", (), {}),
        User("ada", "u", (), POD),
    ],
    ids=["another account", "another namespace", "no pod", "a person"],
)
@pytest.mark.parametrize("path", [WORK, HEARTBEAT])
async def test_nobody_else_gets_work(
    client: httpx.AsyncClient, cluster: FakeCluster, user: User, path: str
) -> None:
    cluster.users[(HOST_TOKEN, names.TOKEN_AUDIENCE)] = user

    answer = await client.post(path, json={"process": "1a", "waitSeconds": 0, "attempts": []})

    assert answer.status_code == 403


async def test_a_namespace_without_shared_runners_hands_nothing_out(client: httpx.AsyncClient) -> None:
    answer = await client.post(names.work_path("other"), json={"process": "1a", "waitSeconds": 0})

    assert answer.status_code == 403
