"""Server-sent events: what happens, in order, to its end, and nothing twice for those who come back."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest

from batterysim_bridge.api import events as events_api
from batterysim_bridge.api.events import while_allowed
from batterysim_bridge.cluster.cluster import ClusterError, Listing, WatchEvent, WatchEventType
from batterysim_bridge.http.problem import ACCESS_DENIED, ProblemError
from batterysim_bridge.live import events as events_module
from batterysim_bridge.live.events import HEARTBEAT, events_of_many, events_of_one
from batterysim_bridge.live.object_cache import ObjectCache

from ..builders import NAME, NAMESPACE, OTHER_UID, READER_TOKEN, simulation
from ..fake_cluster import SIMULATION

AS_READER = {"Authorization": f"Bearer {READER_TOKEN}"}
ONE = f"/v1/simulations/{NAMESPACE}/{NAME}/events"
MANY = "/v1/simulations/events"


class Event(NamedTuple):
    name: str
    id: str | None
    data: Any


def parse(text: str) -> list[Event]:
    """Read a stream as a browser does; comments and `retry` are not events."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append(Event(fields["event"], fields.get("id"), json.loads(fields["data"])))
    return found


def short(found: list[Event]) -> list[tuple[str, str | None]]:
    return [(event.name, event.id) for event in found]


@pytest.fixture
def known() -> ObjectCache:
    known = ObjectCache()
    known.replace(None, Listing((SIMULATION, simulation("other", 5, uid=OTHER_UID)), "10"))
    return known


def modify(known: ObjectCache, version: int, phase: str, **metadata: Any) -> None:
    item = simulation(NAME, version, phase, **metadata)
    known.apply(None, WatchEvent(WatchEventType.MODIFIED, item, str(version)))


async def take(stream: AsyncIterator[bytes], count: int) -> list[Event]:
    """Return the next events of a stream."""
    found: list[Event] = []
    while len(found) < count:
        found += parse((await asyncio.wait_for(anext(stream), 5)).decode())
    return found


async def all_of(stream: AsyncIterator[bytes]) -> list[Event]:
    async with asyncio.timeout(5):
        return parse(b"".join([piece async for piece in stream]).decode())


async def test_a_simulation_is_followed_from_its_state_to_its_end(known):
    stream = events_of_one(known, SIMULATION, None)

    (now,) = await take(stream, 1)
    assert (now.name, now.id, now.data["status"]) == ("phase", "1", {"phase": "Running"})
    modify(known, 11, "Running")
    assert short(await take(stream, 1)) == [("progress", "11")]
    modify(known, 12, "Succeeded")
    assert short(await all_of(stream)) == [("end", "12")]


async def test_a_simulation_that_has_ended_ends_the_stream_at_once(known):
    modify(known, 11, "Failed")

    assert short(await all_of(events_of_one(known, SIMULATION, None))) == [("end", "11")]


async def test_who_comes_back_is_told_only_what_is_new(known):
    modify(known, 11, "Running")
    stream = events_of_one(known, SIMULATION, 11)
    assert await anext(stream) == b"retry: 3000\n\n"
    pending = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    modify(known, 12, "Succeeded")

    assert short(parse((await pending).decode())) == [("end", "12")]


@pytest.mark.parametrize("is_made_again", [False, True])
async def test_a_deleted_simulation_ends_the_stream(known, is_made_again):
    stream = events_of_one(known, SIMULATION, None)
    await take(stream, 1)
    gone = SIMULATION._replace(resource_version="11")
    known.apply(None, WatchEvent(WatchEventType.DELETED, gone, "11"))
    if is_made_again:
        modify(known, 12, "Running", uid=OTHER_UID)

    assert short(await all_of(stream)) == [("deleted", "11")]


async def test_a_simulation_that_memory_does_not_have_yet_is_followed_too(known):
    new = simulation("new", 11, None)
    stream = events_of_one(known, new, None)
    assert short(await take(stream, 1)) == [("phase", "11")]

    known.apply(None, WatchEvent(WatchEventType.ADDED, new, "11"))
    ended = simulation("new", 12, "Invalid")
    known.apply(None, WatchEvent(WatchEventType.MODIFIED, ended, "12"))
    assert short(await all_of(stream)) == [("end", "12")]


async def test_silence_is_filled_with_heartbeats(known, monkeypatch):
    monkeypatch.setattr(events_module, "HEARTBEAT_SECONDS", 0.001)
    stream = events_of_one(known, SIMULATION, 1)

    assert [await anext(stream) for _ in range(3)][1:] == [HEARTBEAT, HEARTBEAT]


async def test_a_stream_ends_after_a_while_so_that_the_token_is_looked_at_again(known, monkeypatch):
    monkeypatch.setattr(events_module, "HEARTBEAT_SECONDS", 0.001)
    monkeypatch.setattr(events_module, "STREAM_SECONDS", 0.01)

    assert await all_of(events_of_many(known, None, 10)) == []


async def test_a_stream_ends_when_the_bridge_does(known):
    stream = events_of_many(known, None, 10)
    await anext(stream)
    known.close()

    assert await all_of(stream) == []


async def test_who_knows_nothing_is_told_everything_and_then_what_happens(known):
    stream = events_of_many(known, NAMESPACE, None)

    assert short(await take(stream, 3)) == [("phase", "1"), ("phase", "5"), ("sync", "10")]
    modify(known, 11, "Succeeded")
    assert short(await take(stream, 1)) == [("end", "11")]


async def test_who_comes_back_to_many_is_told_what_was_missed(known):
    modify(known, 11, "Succeeded")
    known.apply(None, WatchEvent(WatchEventType.DELETED, simulation("other", 12, uid=OTHER_UID), "12"))

    stream = events_of_many(known, None, 10)

    assert short(await take(stream, 2)) == [("end", "11"), ("deleted", "12")]


async def test_who_comes_back_too_late_begins_anew(known):
    stream = events_of_many(known, None, 3)

    assert short(await take(stream, 4)) == [("reset", None), ("phase", "1"), ("phase", "5"), ("sync", "10")]


async def test_events_go_over_http(client, bridge):
    bridge.simulations.replace(None, Listing((simulation(version=7, phase="Succeeded"),), "10"))

    answer = await client.get(ONE, headers=AS_READER)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-cache"
    assert short(parse(answer.text)) == [("end", "7")]


async def test_a_browser_is_told_not_to_come_back_after_the_end(client, cluster):
    cluster.objects[NAME] = simulation(version=7, phase="Succeeded")

    assert (await client.get(ONE, headers=AS_READER | {"Last-Event-ID": "7"})).status_code == 204
    assert (await client.get(ONE + "?since=7", headers=AS_READER)).status_code == 204
    assert (await client.get(ONE, headers=AS_READER | {"Last-Event-ID": "6"})).status_code == 200


@pytest.mark.parametrize("known_id", ["abc", "-1", "1.5", "٣", "1" * 21])
async def test_a_made_up_id_is_refused(client, known_id):
    answer = await client.get(ONE, headers=AS_READER | {"Last-Event-ID": known_id.encode()})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Last-Event-ID"


async def test_a_simulation_that_is_not_there_has_no_events(client, cluster):
    cluster.objects.clear()

    assert (await client.get(ONE, headers=AS_READER)).status_code == 404


async def test_many_are_followed_over_http_until_the_bridge_ends(client, bridge):
    bridge.simulations.replace(None, Listing((SIMULATION,), "10"))
    answering = asyncio.create_task(client.get(MANY + "?since=10", headers=AS_READER))
    async with asyncio.timeout(5):
        while not bridge.simulations._subscriptions:  # noqa: ASYNC110 - no event says that somebody watches
            await asyncio.sleep(0)
    modify(bridge.simulations, 11, "Succeeded")
    bridge.simulations.close()

    answer = await asyncio.wait_for(answering, 5)

    assert short(parse(answer.text)) == [("end", "11")]
    assert bridge.simulations._subscriptions == set()


@pytest.mark.parametrize("path", [ONE, MANY])
async def test_of_too_many_streams_of_one_tenant_no_more_begin(client, bridge, path):
    """Each change is written into each of them: 900 of one user would leave no time for anybody else."""
    bridge.simulations.replace(None, Listing((SIMULATION,), "10"))
    bridge.streams.most_of_one = 2
    streams = [asyncio.create_task(client.get(path, headers=AS_READER)) for _ in range(2)]
    async with asyncio.timeout(5):
        while len(bridge.simulations._subscriptions) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0)

    refused = await client.get(path, headers=AS_READER)
    assert refused.status_code == 503
    assert "2 event streams are on their way to you" in refused.json()["detail"]

    bridge.simulations.close()
    assert {(await stream).status_code for stream in streams} == {200}
    assert (await client.get(path, headers=AS_READER)).status_code == 200


async def heartbeats(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield HEARTBEAT


async def test_a_stream_ends_with_the_right_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_api, "ASK_AGAIN_SECONDS", 0.0)
    asked = 0

    async def require() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise ProblemError(ACCESS_DENIED, "not any more")

    assert [event async for event in while_allowed(heartbeats(10), require)] == [HEARTBEAT] * 2


async def test_a_stream_goes_on_while_nobody_can_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_api, "ASK_AGAIN_SECONDS", 0.0)

    async def require() -> None:
        raise ClusterError("no answer from the API server")

    assert len([event async for event in while_allowed(heartbeats(10), require)]) == 10
