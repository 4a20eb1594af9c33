"""kopf itself against an API server that is not well: nothing that it answers ends the operator."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import kopf
import pytest
from aiohttp import web
from devtools.fake_api_server import FakeApiServer, deep_object, refusal
from devtools.fake_discovery import API, APIS
from kubernetes.aio import client

from batterysim import names
from batterysim_kube.api_server import PAGE_OBJECTS, ApiServer
from batterysim_operator.control import kopf_session
from batterysim_operator.control.hearing import Hearing
from batterysim_operator.control.workqueue import WorkQueue
from batterysim_operator.handlers import Dispatcher, configure, register
from tests.builders import UID, Json, job, simulation

WAIT_SECONDS = 20.0


class Seen(Dispatcher):
    """Notes what kopf hands over."""

    def __init__(self) -> None:
        nobody: Any = WorkQueue("nobody", None, 0)  # type: ignore[arg-type]
        super().__init__(nobody, nobody)
        self.seen: list[Json] = []
        self.deleted: list[str] = []
        self.children: list[Json] = []

    def simulation_changed(self, simulation: Any) -> None:
        self.seen.append({**simulation})

    def simulation_gone(self, simulation: Any) -> None:
        self.deleted.append(simulation["metadata"]["name"])

    def child_changed(self, child: Any) -> None:
        self.children.append({**child})

    @property
    def names(self) -> set[str]:
        return {item["metadata"]["name"] for item in self.seen}


@pytest.fixture
async def api() -> FakeApiServer:
    return FakeApiServer()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kopf_session, "FIRST_WAIT_SECONDS", 0.005)
    monkeypatch.setattr(kopf_session, "LONGEST_WAIT_SECONDS", 0.05)


@asynccontextmanager
async def operator(api: FakeApiServer, namespaces: Sequence[str] = ()) -> AsyncIterator[Seen]:
    """Run kopf with our handlers, and end it."""
    seen, registry, settings = Seen(), kopf.OperatorRegistry(), kopf.OperatorSettings()
    async with api.serve() as url, client.ApiClient(client.Configuration(host=url)) as api_client:
        register(registry, seen, ApiServer(api_client), Hearing())
        configure(settings)
        task = asyncio.create_task(
            kopf.operator(
                registry=registry, settings=settings, clusterwide=not namespaces, namespaces=namespaces
            )
        )
        try:
            yield seen
            assert not task.done(), task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


def named(name: str, namespace: str = "lab") -> Json:
    return simulation(name=name, namespace=namespace, uid=f"uid-of-{name}")


async def test_simulations_and_children_are_listed_and_watched(api: FakeApiServer) -> None:
    labels = {"labels": {names.LABEL_MANAGED_BY: names.MANAGED_BY}}
    child = job()
    await api.put({**child, "metadata": child["metadata"] | labels}, "jobs")
    for number in range(PAGE_OBJECTS + 1):
        await api.put(named(f"run-{number}"))

    async with operator(api) as seen:
        await until(lambda: len(seen.names) == PAGE_OBJECTS + 1 and seen.children)
        await api.put(named("later"))
        await until(lambda: "later" in seen.names)
        await api.remove("lab", "later")
        await until(lambda: seen.deleted == ["later"])

    ours = seen.seen[0]
    assert "managedFields" not in ours["metadata"]
    assert seen.children[0]["metadata"]["ownerReferences"][0]["uid"] == UID
    assert "status" not in seen.children[0]


async def test_an_object_that_cannot_be_read_is_skipped_in_list_and_watch(
    api: FakeApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "batterysim_kube")
    await api.put(named("good"))
    await api.put_text("lab", "listed", deep_object("lab", "listed"))

    async with operator(api) as seen:
        await until(lambda: "good" in seen.names)
        await api.put_text("lab", "watched", deep_object("lab", "watched"))
        await api.put(named("later"))
        await until(lambda: "later" in seen.names)

    assert seen.names == {"good", "later"}
    assert "lab/listed" in caplog.text
    assert "lab/watched" in caplog.text


async def test_a_deleted_namespace_does_not_stop_the_others(api: FakeApiServer) -> None:
    """Its RoleBinding goes with it, so that everything in it is forbidden for ever."""
    api.fault = lambda request: refusal(403, "forbidden") if "/namespaces/gone/" in request.path else None
    await api.put(named("good"))

    async with operator(api, ("gone", "lab")) as seen:
        await until(lambda: "good" in seen.names)
        await asyncio.sleep(0.5)
        await api.put(named("later"))
        await until(lambda: "later" in seen.names)
        api.fault = lambda _: None
        await api.put(named("again", "gone"))
        await until(lambda: "again" in seen.names)


async def test_a_crd_that_comes_later_is_waited_for(api: FakeApiServer) -> None:
    api.serves_simulations = False
    await api.put(named("good"))

    async with operator(api) as seen:
        await asyncio.sleep(0.3)
        assert seen.names == set()
        api.serves_simulations = True
        await until(lambda: "good" in seen.names)


async def test_simulations_run_in_a_cluster_without_the_crd_of_sweeps(
    api: FakeApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(APIS, API, (names.PLURAL,))
    await api.put(named("good"))

    async with operator(api) as seen:
        await until(lambda: "good" in seen.names)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
async def test_an_outage_is_survived_however_long_it_takes(api: FakeApiServer, status: int) -> None:
    await api.put(named("good"))

    async with operator(api) as seen:
        await until(lambda: "good" in seen.names)
        api.fault = lambda _: refusal(status, "not now")
        await api.end_watches()
        asked = len(api.requests)
        await until(lambda: len(api.requests) > asked + 40)
        api.fault = lambda _: None
        await api.put(named("later"))
        await until(lambda: "later" in seen.names)


async def test_an_api_server_that_was_restored_from_a_backup_is_listed_again(api: FakeApiServer) -> None:
    """It does not know the version that the watches go on from, and never will."""

    def too_new(request: web.Request) -> web.Response | None:
        since = int(request.query.get("resourceVersion", "0"))
        return refusal(504, "Too large resource version") if since > api.version else None

    api.version = 1000
    await api.put(named("before"))
    async with operator(api) as seen:
        await until(lambda: "before" in seen.names)
        api.version = 10
        api.oldest_version = 5
        api.fault = too_new
        await api.end_watches()
        await api.put(named("after"))
        await until(lambda: "after" in seen.names)


async def test_a_list_whose_version_is_forgotten_half_way_begins_anew(api: FakeApiServer) -> None:
    for number in range(PAGE_OBJECTS + 1):
        await api.put(named(f"run-{number}"))
    api.oldest_version = 2
    refused = []

    def expired(request: web.Request) -> web.Response | None:
        if "continue" not in request.query or refused:
            return None
        refused.append(request.path_qs)
        return refusal(410, "the provided continue parameter is too old")

    api.fault = expired
    async with operator(api) as seen:
        await until(lambda: len(seen.names) == PAGE_OBJECTS + 1)

    assert len(refused) == 1


async def test_what_is_no_json_is_asked_for_again(api: FakeApiServer) -> None:
    await api.put(named("good"))
    api.fault = lambda _: web.Response(text="<html>the load balancer is not ready</html>")

    async with operator(api) as seen:
        await asyncio.sleep(0.2)
        api.fault = lambda _: None
        await until(lambda: "good" in seen.names)


async def test_no_part_of_a_child_becomes_a_path(api: FakeApiServer) -> None:
    for number in range(48):
        child = job()
        child["metadata"] |= {
            "name": f"hostile-{number}",
            "uid": f"uid-{number}",
            "labels": {names.LABEL_MANAGED_BY: names.MANAGED_BY},
            "annotations": {names.ANNOTATION_SIMULATION: f"../batterysimulations?watch=true&n={number}"},
        }
        await api.put(child, "jobs")

    async with operator(api) as seen:
        await until(lambda: len(seen.children) == 48)

    assert not [path for path in api.paths() if ".." in path or "watch=true&n" in path]
    assert json.dumps(seen.children[0])
