"""The sweep that a request is about, for those who may read it."""

import asyncio

from batterysim import names
from batterysim_bridge.bridge import Bridge, Target
from batterysim_bridge.cluster.access import unauthenticated
from batterysim_bridge.cluster.cluster import Manifest
from batterysim_bridge.http.problem import no_such_sweep


async def find_sweep(bridge: Bridge, target: Target, token: str | None, verb: str = "get") -> Manifest:
    """Return a sweep as it is at this moment, if the token's user may do this to it.

    Raises:
        ProblemError: the token is not good, the user may not, or there is no such sweep.
    """
    if token is not None:
        await bridge.access.authenticate(token)  # before anything is read for it
    elif not bridge.settings.api.anonymous_read:
        raise unauthenticated()
    _, found = await asyncio.gather(
        bridge.access.require(token, verb, *target, names.SWEEP_PLURAL), bridge.sweeps.manifest(*target)
    )
    if found is None:
        raise no_such_sweep(*target)
    return found
