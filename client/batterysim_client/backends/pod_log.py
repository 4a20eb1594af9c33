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
STATUS_LAG_SECONDS = 10.0
"""The longest that the kubelet may take to report what has long happened: the outcome is announced with the
stored result, so a simulation can have ended while its pod is still said to be waiting."""


async def pod_log(
    http: Http, read: Callable[[], Awaitable[Simulation]], *, follow: bool
) -> AsyncIterator[str]:
    """Yield the lines.

    read: returns the simulation as it is now.
    follow: wait for the pod if necessary, and go on until it ends.

    Raises:
        NotFoundError: there is no pod, or it has not started and is not waited for.
    """
    simulation, pod = await _started(http, read, follow=follow)
    path = f"/api/v1/namespaces/{simulation.namespace}/pods/{pod}/log"
    query = [("container", names.RUNNER_CONTAINER), ("follow", str(follow).lower())]
    async with http.stream("GET", path, query=query, timeout=LOG_TIMEOUT) as response:
        async for line in response.aiter_lines():
            yield line


async def _started(
    http: Http, read: Callable[[], Awaitable[Simulation]], *, follow: bool
) -> tuple[Simulation, str]:
    """Wait for the simulation's newest pod whose runner has started, as long as one can still come."""
    lag_seconds = 0.0
    while True:
        simulation = await read()
        pods = await _pods(http, simulation)
        if started := [pod["metadata"] for pod in pods if _has_started(pod)]:
            newest = max(started, key=lambda metadata: metadata["creationTimestamp"])
            return simulation, str(newest["name"])
        if simulation.has_ended:
            lag_seconds += POLL_SECONDS
            if not pods or lag_seconds > STATUS_LAG_SECONDS:
                raise NotFoundError(_without_pod(simulation))
        elif not follow:
            raise NotFoundError(_without_pod(simulation))
        await anyio.sleep(POLL_SECONDS)


async def _pods(http: Http, simulation: Simulation) -> list[dict[str, Any]]:
    query = [("labelSelector", f"{names.LABEL_SIMULATION_UID}={simulation.uid}")]
    pods = await http.json("GET", f"/api/v1/namespaces/{simulation.namespace}/pods", query=query)
    return list(pods["items"])


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
