"""A run's log, from the newest pod that it has had."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import anyio

from batterysim import names
from batterysim.status import Phase
from batterysim_client.backends.http import LOG_TIMEOUT, Http
from batterysim_client.errors import NotFoundError
from batterysim_client.simulation import Simulation

POLL_SECONDS = 0.5


async def pod_log(
    http: Http, read: Callable[[], Awaitable[Simulation]], *, follow: bool
) -> AsyncIterator[str]:
    """Yield the lines.

    read: returns the simulation as it is now.
    follow: wait for the pod if necessary, and go on until it ends.

    Raises:
        NotFoundError: there is no pod, or it has not started and is not waited for.
    """
    simulation = await read()
    while (pod := await _started_pod(http, simulation)) is None:
        if not follow or simulation.has_ended:
            raise NotFoundError(_without_pod(simulation))
        await anyio.sleep(POLL_SECONDS)
        simulation = await read()
    path = f"/api/v1/namespaces/{simulation.namespace}/pods/{pod}/log"
    query = [("container", names.RUNNER_CONTAINER), ("follow", str(follow).lower())]
    async with http.stream("GET", path, query=query, timeout=LOG_TIMEOUT) as response:
        async for line in response.aiter_lines():
            yield line


async def _started_pod(http: Http, simulation: Simulation) -> str | None:
    """Return the name of the newest pod whose runner has started, None if there is none."""
    query = [("labelSelector", f"{names.LABEL_SIMULATION_UID}={simulation.uid}")]
    pods = await http.json("GET", f"/api/v1/namespaces/{simulation.namespace}/pods", query=query)
    started = [pod["metadata"] for pod in pods["items"] if _has_started(pod)]
    newest = max(started, key=lambda metadata: metadata["creationTimestamp"], default=None)
    return None if newest is None else str(newest["name"])


def _has_started(pod: dict[str, Any]) -> bool:
    containers = pod.get("status", {}).get("containerStatuses") or []
    return any("waiting" not in container.get("state", {"waiting": {}}) for container in containers)


def _without_pod(simulation: Simulation) -> str:
    if simulation.phase is Phase.INVALID:
        failure = simulation.status.failure
        why = "" if failure is None else f": {failure.message}"
        return f"{simulation.name!r} is invalid, so no pod was started for it{why}"
    if simulation.has_ended:
        return f"{simulation.name!r} has ended and its pod is gone, with its log; its status has the outcome"
    return f"{simulation.name!r} has no pod yet: try again, or wait for it with -f"
