"""One list, then one watch after the other, each from where the last one ended."""

import asyncio

import pytest

from batterysim_bridge.cluster.cluster import ClusterError, ExpiredError, WatchEvent, WatchEventType
from batterysim_bridge.live import reflector as reflector_module
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.live.reflector import Reflector

from ..builders import NAME, NAMESPACE, simulation


def modified(version: int, phase: str) -> WatchEvent:
    return WatchEvent(WatchEventType.MODIFIED, simulation(NAME, version, phase), str(version))


def bookmark(version: int) -> WatchEvent:
    return WatchEvent(WatchEventType.BOOKMARK, None, str(version))


@pytest.fixture
def known() -> ObjectCache:
    return ObjectCache()


@pytest.fixture
def run(cluster, known, monkeypatch):
    """Return a function that lets a reflector run until all watches have been played."""
    monkeypatch.setattr(reflector_module, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(reflector_module, "RETRY_SECONDS", 0)

    async def run(*watches) -> None:
        cluster.watches = [*map(list, watches), [asyncio.CancelledError()]]
        with pytest.raises(asyncio.CancelledError):
            await Reflector(cluster, known, None).run()

    return run


async def test_changes_of_the_watch_are_taken_over(run, known):
    await run([modified(2, "Running"), modified(3, "Succeeded")])

    assert known.get(NAMESPACE, NAME).phase == "Succeeded"
    assert known.version == 3


async def test_the_next_watch_begins_where_the_last_one_ended(run, cluster):
    await run([modified(2, "Running")], [bookmark(9)], [])

    assert cluster.watched_from == ["1", "2", "9", "9"]


async def test_a_lost_connection_costs_no_new_list(run, cluster, known):
    await run([modified(2, "Running"), ClusterError("no answer")], [modified(3, "Failed")])

    assert cluster.watched_from == ["1", "2", "3"]
    assert known.get(NAMESPACE, NAME).phase == "Failed"


@pytest.mark.parametrize("error", [ExpiredError("too old"), KeyError("metadata")])
async def test_what_cannot_be_followed_is_listed_anew(run, cluster, known, error):
    await run([modified(7, "Running"), error], [])

    assert cluster.watched_from == ["1", "1", "1"]
    assert known.get(NAMESPACE, NAME).version == 1


async def test_a_bridge_that_starts_before_the_api_server_waits_for_it(cluster, known, monkeypatch):
    monkeypatch.setattr(reflector_module, "RETRY_SECONDS", 0.001)
    cluster.is_down = True
    task = asyncio.create_task(Reflector(cluster, known, None).run())
    await asyncio.sleep(0.01)
    assert not known.is_filled

    cluster.is_down = False
    cluster.watches = [[] for _ in range(1000)]
    await asyncio.wait_for(known.filled(), 5)
    task.cancel()


async def test_a_watch_that_fails_for_ever_is_listed_again(run, cluster, known):
    """An API server that was restored from a backup answers 504 to a version that it will never have."""
    away = [ClusterError("Too large resource version", 504)]

    await run([modified(7, "Running")], away, away, away, [modified(8, "Succeeded")])

    assert cluster.watched_from == ["1", "7", "7", "7", "1", "8"]


async def test_a_namespace_that_was_deleted_is_not_waited_for(cluster, monkeypatch):
    monkeypatch.setattr(reflector_module, "RETRY_SECONDS", 0.001)
    known = ObjectCache(("gone", NAMESPACE))
    cluster.forbidden = {"gone"}
    cluster.watches = [[] for _ in range(1000)]
    tasks = [asyncio.create_task(Reflector(cluster, known, scope).run()) for scope in known.scopes]

    await asyncio.wait_for(known.filled(), 5)

    assert known.get(NAMESPACE, NAME) is not None
    for task in tasks:
        task.cancel()


async def test_the_only_namespace_is_waited_for(cluster, monkeypatch):
    monkeypatch.setattr(reflector_module, "RETRY_SECONDS", 0.001)
    known = ObjectCache((NAMESPACE,))
    cluster.forbidden = {NAMESPACE}
    task = asyncio.create_task(Reflector(cluster, known, NAMESPACE).run())

    await asyncio.sleep(0.02)

    assert not known.is_filled
    task.cancel()
