"""What users call to watch simulations and sweeps live."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.sse import EventSourceResponse

from batterysim import names
from batterysim_bridge.api.openapi import operation, simulation_operations, sweep_operations, tags
from batterysim_bridge.api.sweeps.found import find_sweep
from batterysim_bridge.bridge import (
    Bridge,
    CurrentBridge,
    CurrentTarget,
    OptionalNamespace,
    OptionalToken,
    require_served,
)
from batterysim_bridge.cluster.cluster import ClusterError
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.sweeps import to_sweep
from batterysim_bridge.http.exports import PlacedResponse
from batterysim_bridge.http.problem import BAD_REQUEST, NOT_FILLED, FieldError, ProblemError, wrong_fields
from batterysim_bridge.live.events import events_of_many, events_of_one
from batterysim_bridge.live.object_cache import ObjectCache

# Buffering proxies would hold the events back.
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
# Rights may be withdrawn, and tokens expire, while a stream is open.
ASK_AGAIN_SECONDS = 60.0
# Longer than any resource version.
MAX_DIGITS = 20

router = APIRouter(tags=[tags.EVENTS])


async def _since(
    last_event_id: Annotated[str | None, Header(description=operation.LAST_EVENT_ID)] = None,
    since: Annotated[
        str | None, Query(description="The same, for a client that cannot set the header.")
    ] = None,
) -> int | None:
    known = since if last_event_id is None else last_event_id
    if known is None or known == "":
        return None
    if not (known.isascii() and known.isdecimal() and len(known) <= MAX_DIGITS):
        message = f"is {known!r}: send the id of an event, or the resourceVersion of a list"
        raise wrong_fields(BAD_REQUEST, [FieldError("Last-Event-ID", message)])
    return int(known)


Since = Annotated[int | None, Depends(_since)]


@router.get(names.simulation_path("{namespace}", "{name}") + "/events", **simulation_operations.WATCH)
async def watch_simulation(
    bridge: CurrentBridge, target: CurrentTarget, token: OptionalToken, since: Since
) -> Response:
    """Follow one simulation until its end: server-sent events `phase`, `progress`, `end`, `deleted`."""
    simulation = await bridge.access.simulation(token, "watch", *target)
    return await _follow(bridge, token, _Watched(bridge.simulations, names.PLURAL), simulation, since)


@router.get(names.SIMULATIONS_PATH + "/events", **simulation_operations.WATCH_ALL)
async def watch_simulations(
    bridge: CurrentBridge, token: OptionalToken, since: Since, namespace: OptionalNamespace = None
) -> Response:
    """Follow a namespace's simulations, or all: server-sent events `phase`, `progress`, `end`, `deleted`.

    Begins with every simulation there is and a `sync`; or, given `since`, with what has changed after it.
    """
    return await _follow_all(bridge, token, _Watched(bridge.simulations, names.PLURAL), namespace, since)


@router.get(names.sweep_path("{namespace}", "{name}") + "/events", **sweep_operations.WATCH)
async def watch_sweep(
    bridge: CurrentBridge, target: CurrentTarget, token: OptionalToken, since: Since
) -> Response:
    """Follow one sweep until its end: server-sent events `phase`, `progress`, `end`, `deleted`."""
    sweep = to_sweep(await find_sweep(bridge, target, token, "watch"))
    return await _follow(bridge, token, _Watched(bridge.known_sweeps, names.SWEEP_PLURAL), sweep, since)


@router.get(names.SWEEPS_PATH + "/events", **sweep_operations.WATCH_ALL)
async def watch_sweeps(
    bridge: CurrentBridge, token: OptionalToken, since: Since, namespace: OptionalNamespace = None
) -> Response:
    """Follow a namespace's sweeps, or all: server-sent events `phase`, `progress`, `end`, `deleted`.

    Begins with every sweep there is and a `sync`; or, given `since`, with what has changed after it.
    """
    return await _follow_all(
        bridge, token, _Watched(bridge.known_sweeps, names.SWEEP_PLURAL), namespace, since
    )


class _Watched(NamedTuple):
    """The objects of a kind in memory, and the resource to which a user needs a right."""

    known: ObjectCache
    resource: str


async def _follow(
    bridge: Bridge, token: str | None, watched: _Watched, found: ObjectState, since: int | None
) -> Response:
    """Stream what happens to one object."""
    if found.has_ended and since is not None and since >= found.version:
        # The only answer after which a browser's EventSource does not come back.
        return Response(status_code=204)
    events = events_of_one(watched.known, found, since)
    right = ("watch", found.namespace, found.name, watched.resource)
    return await _stream(bridge, token, while_allowed(events, lambda: bridge.access.require(token, *right)))


async def _follow_all(
    bridge: Bridge, token: str | None, watched: _Watched, namespace: str | None, since: int | None
) -> Response:
    """Stream what happens to all objects of a kind."""
    if namespace is not None:
        require_served(bridge, namespace)
    right = ("watch", namespace, None, watched.resource)
    await bridge.access.require(token, *right)
    if not watched.known.is_filled:
        raise ProblemError(NOT_FILLED, "try again in a moment")
    events = events_of_many(watched.known, namespace, since)
    return await _stream(bridge, token, while_allowed(events, lambda: bridge.access.require(token, *right)))


async def while_allowed(
    events: AsyncIterator[bytes], require: Callable[[], Awaitable[object]]
) -> AsyncIterator[bytes]:
    """Yield events as long as their reader has the right to them. There is one at least each 15 s."""
    loop = asyncio.get_running_loop()
    due = loop.time() + ASK_AGAIN_SECONDS
    async for event in events:
        if loop.time() >= due:
            try:
                await require()
            except ProblemError:
                return
            except ClusterError:
                pass  # no verdict: it is asked again
            due = loop.time() + ASK_AGAIN_SECONDS
        yield event


async def _stream(bridge: Bridge, token: str | None, events: AsyncIterator[bytes]) -> Response:
    place = await bridge.streams.enter(await bridge.access.tenant(token))
    return PlacedResponse(EventSourceResponse(events, headers=HEADERS), place)
