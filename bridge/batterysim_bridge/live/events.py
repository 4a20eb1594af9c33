"""Changes of simulations as server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html

An event's name is a ChangeKind, its data the simulation's metadata and status, its id the resource version.
A client that comes back with the last id that it has seen gets what it has missed.
"""

import asyncio
from collections.abc import AsyncIterator
from enum import StrEnum

from fastapi.sse import format_sse_event

from batterysim.change_kind import ChangeKind
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.live.change import Change, change_between
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.live.subscription import Subscription

# Below what proxies take for a connection that is dead.
HEARTBEAT_SECONDS = 15.0
# Rights may be withdrawn while a stream is open; the client comes back and is asked for its token.
STREAM_SECONDS = 1800.0
RECONNECT_MILLISECONDS = 3000

HEARTBEAT = format_sse_event(comment="heartbeat")


class Marker(StrEnum):
    """Events of a namespace's stream that are about no simulation."""

    RESET = "reset"
    SYNC = "sync"


async def events_of_one(
    simulations: ObjectCache, simulation: ObjectState, since: int | None
) -> AsyncIterator[bytes]:
    """Yield the state of a simulation, then its changes until its end. `since`: what the client knows."""
    yield format_sse_event(retry=RECONNECT_MILLISECONDS)
    with simulations.changes(simulation.namespace, simulation.name) as changes:
        known = simulations.get(simulation.namespace, simulation.name) or simulation
        now = max(simulation, known, key=lambda item: item.version)
        seen = -1 if since is None else since
        async for change in _changes(changes, [change_between(None, now)]):
            if change is None:
                yield HEARTBEAT
            elif change.state.version > seen:
                seen = change.state.version
                if change.state.uid != simulation.uid:
                    # Another one has its name now.
                    gone = simulation._replace(resource_version=str(seen))
                    yield event_of(Change(ChangeKind.DELETED, gone))
                    return
                yield event_of(change)
                if change.kind in (ChangeKind.END, ChangeKind.DELETED):
                    return


async def events_of_many(
    simulations: ObjectCache, namespace: str | None, since: int | None
) -> AsyncIterator[bytes]:
    """Yield what happens to a namespace's simulations; None: to all. `since`: what the client knows.

    A client that knows nothing gets every simulation, then `sync`. One that has been away for too long gets
    `reset` before: it has to forget what it knows.
    """
    yield format_sse_event(retry=RECONNECT_MILLISECONDS)
    with simulations.changes(namespace) as changes:
        missed = None if since is None else simulations.since(since, namespace)
        if missed is None:
            if since is not None:
                yield format_sse_event(event=Marker.RESET, data_str="{}")
            everything = sorted(simulations.in_namespace(namespace), key=lambda item: item.version)
            version = simulations.version
            for simulation in everything:
                yield event_of(change_between(None, simulation))
            yield format_sse_event(event=Marker.SYNC, data_str="{}", id=str(version))
            missed = []
        async for change in _changes(changes, missed):
            yield HEARTBEAT if change is None else event_of(change)


async def _changes(subscription: Subscription, first: list[Change]) -> AsyncIterator[Change | None]:
    """Yield changes as they come, and None whenever there was none for a while."""
    loop = asyncio.get_running_loop()
    closing_time = loop.time() + STREAM_SECONDS
    for change in first:
        yield change
    while loop.time() < closing_time:
        gathered = await subscription.gather(HEARTBEAT_SECONDS)
        if not gathered:
            if subscription.is_closed:
                return
            yield None
        for change in gathered:
            yield change


def event_of(change: Change) -> bytes:
    """Return a change as it goes over the wire."""
    simulation = change.state
    return format_sse_event(
        event=change.kind, data_str=simulation.document.decode(), id=simulation.resource_version
    )
