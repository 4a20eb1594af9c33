"""The bridge, an API server and sweeps, over HTTP."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from devtools.fake_api_server import FakeApiServer
from kubernetes.aio import client

from batterysim import names
from batterysim_bridge.cluster.cluster import ClusterError
from batterysim_bridge.cluster.sweeps import Deleted, KubernetesSweeps
from batterysim_kube.api_server import ApiServer

from ..builders import NAMESPACE
from ..fake_sweeps import SPEC, SWEEP, SWEEP_UID, FakeSweeps


@pytest.fixture
async def api() -> FakeApiServer:
    return FakeApiServer()


@pytest.fixture
async def sweeps(api: FakeApiServer) -> AsyncIterator[KubernetesSweeps]:
    async with api.serve() as url, client.ApiClient(client.Configuration(host=url)) as api_client:
        yield KubernetesSweeps(ApiServer(api_client))


async def put(api: FakeApiServer, **status: object) -> None:
    made = FakeSweeps()
    made.add(**status)
    await api.put(made.manifests[SWEEP], names.SWEEP_PLURAL)


async def test_a_deletion_is_told(api: FakeApiServer, sweeps: KubernetesSweeps) -> None:
    await put(api)
    deletions = sweeps.deletions(None, 5)
    told = asyncio.create_task(anext(deletions))
    while not any("watch=true" in path for _, path in api.requests):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)

    await api.remove(NAMESPACE, SWEEP, names.SWEEP_PLURAL)

    async with asyncio.timeout(5):
        assert await told == Deleted(NAMESPACE, SWEEP_UID)
    await deletions.aclose()


async def test_a_sweep_is_suspended_without_a_change_of_anything_else(
    api: FakeApiServer, sweeps: KubernetesSweeps
) -> None:
    await put(api)
    changed = await sweeps.suspend(NAMESPACE, SWEEP, suspended=True)

    assert changed is not None
    assert changed["spec"] == {**SPEC, "run": {"suspend": True}}
    assert await sweeps.suspend(NAMESPACE, "other", suspended=True) is None


async def test_an_api_server_that_does_not_answer_is_an_error_of_the_cluster(api: FakeApiServer) -> None:
    async with client.ApiClient(client.Configuration(host="http://127.0.0.1:1")) as api_client:
        with pytest.raises(ClusterError, match="cannot read a BatterySweep"):
            await KubernetesSweeps(ApiServer(api_client)).identity(NAMESPACE, SWEEP)
