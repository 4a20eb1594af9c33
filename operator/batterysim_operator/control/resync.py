"""A slow pass over all simulations and sweeps, in case an event was missed."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence

from batterysim_kube.errors import NO_ANSWER, ApiException, message_of
from batterysim_operator.control.cluster import Cluster
from batterysim_operator.control.known import KnownObjects
from batterysim_operator.control.workqueue import Key
from batterysim_operator.reconcile.observation import Manifest, is_settled

logger = logging.getLogger(__name__)

RESYNC_SECONDS = 300.0

Objects = Callable[[str | None], AsyncGenerator[Manifest, None]]
"""Yields all objects of a kind, of a namespace or (None) of all."""


async def count_jobs(cluster: Cluster, namespaces: Sequence[str], occupy: Callable[[Key], None]) -> None:
    """Take note of the Jobs that are there already, before the first one more is made."""
    for namespace in namespaces or (None,):
        try:
            async for simulation in cluster.simulations(namespace):
                if "jobName" in (simulation.get("status") or {}) and not is_settled(simulation):
                    metadata = simulation["metadata"]
                    occupy(Key(metadata["namespace"], metadata["name"]))
        except (ApiException, *NO_ANSWER) as error:  # they are counted as soon as the watch tells of them
            logger.warning("the Jobs of %s are not counted yet: %s", _named(namespace), _words(error))


async def resync_forever(
    objects: Objects, namespaces: Sequence[str], known: KnownObjects, seen: Callable[[Manifest], None]
) -> None:
    """Show `seen` every object, again and again, until cancelled."""
    while True:
        await asyncio.sleep(RESYNC_SECONDS)
        known.begin_resync()
        for namespace in namespaces or (None,):
            try:
                await _resync(objects, namespace, seen)
                known.end_resync(namespace)
            except (ApiException, *NO_ANSWER) as error:  # the other namespaces do not wait for it
                logger.warning("the resync of %s was interrupted: %s", _named(namespace), _words(error))


async def _resync(objects: Objects, namespace: str | None, seen: Callable[[Manifest], None]) -> None:
    async for item in objects(namespace):
        seen(item)


def _named(namespace: str | None) -> str:
    return "all namespaces" if namespace is None else f"namespace {namespace!r}"


def _words(error: Exception) -> str:
    return message_of(error) if isinstance(error, ApiException) else f"{type(error).__name__}: {error}"
