"""Waiting for simulations, visibly, for as long as the user likes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing

from batterysim_cli.commands.follow import Target, follow
from batterysim_cli.display.console import console
from batterysim_client import AsyncClient, Simulation, WaitTimeoutError


async def wait_visibly(
    client: AsyncClient,
    targets: Sequence[Target],
    timeout_seconds: float | None,
    show: Callable[[Simulation], None],
) -> list[Simulation]:
    """Return the simulations, in this order, when all have ended.

    show: is told of each change.

    Raises:
        WaitTimeoutError: they have not ended in time.
        asyncio.CancelledError: the user has had enough, and has been told that the simulations go on.
    """
    found: dict[str, Simulation] = {}
    try:
        async with asyncio.timeout(timeout_seconds), aclosing(follow(client, targets)) as simulations:
            async for simulation in simulations:
                found[simulation.uid] = simulation
                show(simulation)
    except TimeoutError as error:
        raise WaitTimeoutError(
            f"not all have ended after {timeout_seconds:g} s; {_goes_on(targets, found)}"
        ) from error
    except asyncio.CancelledError:
        console(stderr=True).print(f"Not waiting any longer; {_goes_on(targets, found)}", soft_wrap=True)
        raise
    return list(found.values())


def _goes_on(targets: Sequence[Target], found: Mapping[str, Simulation]) -> str:
    ended = {simulation.name for simulation in found.values() if simulation.has_ended}
    left = [target.name for target in targets if target.name not in ended]
    return f"what has not ended goes on; to end it: batterysim cancel {' '.join(left)}"
