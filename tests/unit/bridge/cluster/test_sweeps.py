"""The bridge, an API server and sweeps, over HTTP."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from devtools.fake_api_server import FakeApiServer
from kubernetes.aio import client

from batterysim import names
from batterysim_bridge.cluster.cluster import ClusterError, WatchEventType
from batterysim_bridge.cluster.sweeps import KubernetesSweeps
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


async def test_a_deletion_between_two_watches_is_told_by_the_second(
    api: FakeApiServer, sweeps: KubernetesSweeps
) -> None:
    await put(api, phase="Succeeded")
    listing = await sweeps.listing(None)
    await api.remove(NAMESPACE, SWEEP, names.SWEEP_PLURAL)

    watch = sweeps.watch(None, listing.resource_version, 5)
    async with asyncio.timeout(5):
        event = await anext(watch)
    await watch.aclose()

    assert event.type is WatchEventType.DELETED
    assert event.state is not None
    assert (event.state.namespace, event.state.uid) == (NAMESPACE, SWEEP_UID)


async def test_memory_keeps_what_lists_and_lifetimes_need(
    api: FakeApiServer, sweeps: KubernetesSweeps
) -> None:
    made = FakeSweeps()
    made.add(phase="Succeeded", completionTime="2026-11-24T13:00:00Z")
    run = {"retention": {"sweepSeconds": 604_800, "tableSeconds": 3600}}
    manifest = made.manifests[SWEEP]
    await api.put({**manifest, "spec": {**manifest["spec"], "run": run}}, names.SWEEP_PLURAL)

    (known,) = (await sweeps.listing(None)).states

    assert (known.phase, known.ended_time) == ("Succeeded", "2026-11-24T13:00:00Z")
    assert (known.kept_seconds, known.result_kept_seconds) == (604_800, 3600)
    assert known.status["phase"] == "Succeeded"
    assert b"spec" not in known.document


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
