"""A slow round over all simulations, in case an event was missed."""

import asyncio
import logging
from collections.abc import Callable, Sequence

import aiohttp

from batterysim_operator.control.cluster import Cluster
from batterysim_operator.control.rest import ApiException
from batterysim_operator.reconcile.observation import Manifest

logger = logging.getLogger(__name__)

ROUND_SECONDS = 300.0


async def make_rounds(cluster: Cluster, namespaces: Sequence[str], seen: Callable[[Manifest], None]) -> None:
    """Tell `seen` of every simulation, again and again, until cancelled."""
    while True:
        await asyncio.sleep(ROUND_SECONDS)
        try:
            for namespace in namespaces or (None,):
                for simulation in await cluster.simulations(namespace):
                    seen(simulation)
        except (ApiException, aiohttp.ClientError, OSError, TimeoutError) as error:
            logger.warning("the resync was interrupted: %s", error)
