"""The bridge and an API server, over HTTP: what is asked, and what the answers mean.

What a real API server thinks of it is tested by tests/e2e.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from devtools.fake_api_server import FakeApiServer, deep_object
from kubernetes.aio import client

from batterysim.names import FieldManager
from batterysim_bridge.cluster.account import Account
from batterysim_bridge.cluster.cluster import (
    ClusterError,
    ExistsError,
    ExpiredError,
    RefusedError,
    StatusConflictError,
    SupersededError,
    WatchEventType,
)
from batterysim_bridge.cluster.kubernetes import KubernetesCluster
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.live.reflector import Reflector
from batterysim_kube.api_server import PAGE_OBJECTS, ApiServer

from ..builders import NAME, NAMESPACE, manifest


@pytest.fixture
async def api() -> FakeApiServer:
    return FakeApiServer()


@pytest.fixture
async def cluster(api) -> AsyncIterator[KubernetesCluster]:
    async with api.serve() as url, client.ApiClient(client.Configuration(host=url)) as api_client:
        yield KubernetesCluster(ApiServer(api_client))


async def test_what_is_created_is_read_listed_found_and_deleted(cluster, api):
    created = await cluster.create(manifest("mine", labels={"a": "b"}))

    assert await cluster.manifest(NAMESPACE, "mine") == created
    assert (await cluster.state(NAMESPACE, "mine")).protocol == "constantCurrent"
    assert await cluster.labelled(NAMESPACE, "a", "b") == (created,)
    assert await cluster.labelled(NAMESPACE, "a", "c") == ()
    path = f"/apis/batterysim.dev/v1alpha1/namespaces/{NAMESPACE}/batterysimulations"
    assert ("POST", f"{path}?fieldValidation=Strict") in api.requests
    assert await cluster.delete(NAMESPACE, "mine") is True
    assert await cluster.delete(NAMESPACE, "mine") is False
    assert await cluster.manifest(NAMESPACE, "mine") is None


async def test_what_was_there_at_a_version_is_found(cluster, api):
    created = await cluster.create(manifest("first", labels={"a": "b"}))
    await cluster.create(manifest("second", labels={"a": "b"}))
    version = created["metadata"]["resourceVersion"]

    assert await cluster.labelled(NAMESPACE, "a", "b", version) == (created,)
    assert api.requests[-1][1].endswith(f"resourceVersion={version}&resourceVersionMatch=Exact")


async def test_sweeps_are_counted_in_a_lease_and_by_one_replica_at_a_time(api):
    async with api.serve() as url, client.ApiClient(client.Configuration(host=url)) as api_client:
        cluster = KubernetesCluster(ApiServer(api_client), Account("batterysim-system", "batterysim-bridge"))
        none = await cluster.cleanups()
        assert none.number == 0
        assert await cluster.count_cleanup(none, 1)
        first = await cluster.cleanups()
        assert await cluster.count_cleanup(first, 2)
        assert not await cluster.count_cleanup(first, 2)
        assert (await cluster.cleanups()).number == 2

    path = "/apis/coordination.k8s.io/v1/namespaces/batterysim-system/leases/batterysim-bridge"
    assert set(api.paths("PATCH")) == {path}


async def test_a_bridge_that_is_no_pod_counts_no_sweeps(cluster, api):
    assert not await cluster.count_cleanup(await cluster.cleanups(), 1)
    assert api.requests == []


async def test_another_one_of_the_same_name_is_not_deleted(cluster):
    created = await cluster.create(manifest("mine"))

    assert await cluster.delete(NAMESPACE, "mine", "8f660195-c8ba-4f3c-baa1-165b78a2d433") is False
    assert await cluster.delete(NAMESPACE, "mine", created["metadata"]["uid"]) is True


async def test_a_name_is_given_once(cluster):
    await cluster.create(manifest("mine"))

    with pytest.raises(ExistsError, match="'mine' already exists"):
        await cluster.create(manifest("mine"))


async def test_a_refusal_is_told_in_the_api_servers_words(cluster):
    with pytest.raises(RefusedError, match="the quota is used up") as refused:
        await cluster.create({**manifest("mine"), "spec": {"refuse": "the quota is used up"}})

    assert refused.value.status == 422


async def test_a_long_list_is_read_in_pages(cluster, api):
    for number in range(PAGE_OBJECTS + 1):
        await api.put(manifest(f"run-{number}", uid=f"uid-{number}"))

    listing = await cluster.listing(None)

    assert {item.name for item in listing.states} == {f"run-{number}" for number in range(PAGE_OBJECTS + 1)}
    assert len(listing.states) == PAGE_OBJECTS + 1
    assert listing.resource_version == str(api.version)
    assert await cluster.living_uids(NAMESPACE) == {f"uid-{number}" for number in range(PAGE_OBJECTS + 1)}
    assert await cluster.living_uids("lab") == frozenset()


async def test_a_watch_tells_what_happens_after_a_version(cluster, api):
    await api.put(manifest("before"))
    since = str(api.version)
    await api.put(manifest("mine", phase="Running"))
    await api.remove(NAMESPACE, "mine")

    seen = []
    async for event in cluster.watch(None, since, 5):
        seen.append((event.type, event.state and event.state.name, event.resource_version))
        if event.type is WatchEventType.BOOKMARK:
            break

    assert seen == [("ADDED", "mine", "3"), ("DELETED", "mine", "4"), ("BOOKMARK", None, "4")]


async def test_a_watch_ends_when_its_time_is_up(cluster):
    assert [event.type async for event in cluster.watch(None, "1", 0)] == []


async def test_a_version_that_is_forgotten_is_told_as_such(cluster, api):
    api.oldest_version = 7

    with pytest.raises(ExpiredError, match="too old"):
        _ = [event async for event in cluster.watch(None, "6", 5)]


async def test_a_token_and_a_right_are_reviewed(cluster):
    user = await cluster.review_token("ada", None)

    assert (user.username, user.groups) == ("ada", ("system:authenticated",))
    assert await cluster.may(user, "list", None, None) is True


async def test_no_answer_is_no_refusal():
    async with client.ApiClient(client.Configuration(host="http://127.0.0.1:1")) as api_client:
        with pytest.raises(ClusterError, match="no answer from the API server"):
            await KubernetesCluster(ApiServer(api_client)).ping()


async def test_memory_stays_in_step_through_everything_with_one_watch(cluster, api):
    known = ObjectCache()
    task = asyncio.create_task(Reflector(cluster, known, None).run())
    await api.put(manifest(NAME, phase="Pending"))
    await asyncio.wait_for(known.filled(), 5)
    await api.put(manifest(NAME, phase="Running"))
    with known.changes() as changes:
        await api.put(manifest(NAME, phase="Succeeded"))
        await api.put(manifest("other", uid="8f660195-c8ba-4f3c-baa1-165b78a2d433"))
        await api.remove(NAMESPACE, NAME)
        while known.version < api.version:
            await changes.gather(0.05)

    assert [item.name for item in known.in_namespace(None)] == ["other"]
    assert api.watches == 1
    task.cancel()


async def test_a_review_that_could_not_be_made_is_no_verdict(cluster, monkeypatch):
    """The runner would take it for one, and throw its result away."""

    async def review(*_):
        return {"authenticated": False, "error": "the webhook is not there yet"}

    monkeypatch.setattr(cluster, "_review", review)

    with pytest.raises(ClusterError, match="could not be reviewed: the webhook is not there yet"):
        await cluster.review_token("ada", None)


async def test_a_token_for_someone_else_is_judged(cluster, monkeypatch):
    """As the API server 1.34 says it."""

    async def review(*_):
        return {
            "authenticated": False,
            "error": '[invalid bearer token, token audiences ["https://kubernetes.default.svc"] is invalid'
            ' for the target audiences ["batterysim-bridge"]]',
        }

    monkeypatch.setattr(cluster, "_review", review)

    assert await cluster.review_token("ada", "batterysim-bridge") is None


async def test_a_status_is_not_written_into_a_state_that_came_meanwhile(cluster, api):
    created = await cluster.create(manifest("mine"))
    read = await cluster.state(NAMESPACE, "mine")
    await api.put({**created, "status": {"phase": "Failed"}})
    tried = []

    def has_failed(current):
        tried.append(current.phase)
        return current.phase == "Failed"

    with pytest.raises(SupersededError, match="is in phase Failed"):
        await cluster.apply_status(read, {"results": {}}, FieldManager.BRIDGE, force=True, unless=has_failed)
    assert tried == ["Running", "Failed"]


async def test_a_status_is_written_into_an_object_that_has_changed(cluster, api):
    created = await cluster.create(manifest("mine"))
    read = await cluster.state(NAMESPACE, "mine")
    await api.put({**created, "status": {"phase": "Running"}})

    await cluster.apply_status(read, {"results": {"rows": 3}}, FieldManager.BRIDGE, force=True)

    assert api.objects[NAMESPACE, "mine"]["status"] == {"phase": "Running", "results": {"rows": 3}}


async def test_a_status_is_not_written_into_another_object_of_the_same_name(cluster, api):
    await cluster.create(manifest("mine"))
    read = await cluster.state(NAMESPACE, "mine")
    await cluster.delete(NAMESPACE, "mine")
    await cluster.create(manifest("mine", uid="8f660195-c8ba-4f3c-baa1-165b78a2d433"))

    with pytest.raises(StatusConflictError, match="is gone"):
        await cluster.apply_status(read, {"results": {}}, FieldManager.BRIDGE, force=True)


async def test_an_object_that_cannot_be_read_is_left_out_of_a_list(cluster, api, caplog):
    await api.put(manifest("mine"))
    await api.put_text(NAMESPACE, "deep", deep_object(NAMESPACE, "deep"))

    listing = await cluster.listing(None)

    assert [item.name for item in listing.states] == ["mine"]
    assert f"{NAMESPACE}/deep" in caplog.text


async def test_an_object_that_cannot_be_read_does_not_end_a_watch(cluster, api):
    await api.put(manifest("before"))
    since = str(api.version)
    await api.put_text(NAMESPACE, "deep", deep_object(NAMESPACE, "deep"))
    await api.put(manifest("mine"))

    seen = []
    async for event in cluster.watch(None, since, 5):
        seen.append((event.type, event.state and event.state.name))
        if event.type is WatchEventType.BOOKMARK:
            break

    assert seen == [("ADDED", "mine"), ("BOOKMARK", None)]
