"""Waiting for simulations, with a display, for as long as the user likes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing

from batterysim_cli.commands.follow import Target, follow
from batterysim_cli.display.console import console
from batterysim_cli.display.unattended import UNATTENDED_SECONDS, unattended
from batterysim_client import AsyncClient, Simulation, WaitTimeoutError


async def wait_visibly(
    client: AsyncClient,
    targets: Sequence[Target],
    timeout_seconds: float | None,
    show: Callable[[Simulation], None],
    remark: Callable[[str], None] | None = None,
) -> list[Simulation]:
    """Return the simulations, in this order, when all have ended.

    show: is called with each change. remark: is called with a sentence that no change brings; None: to
        standard error.

    Raises:
        WaitTimeoutError: they have not ended in time. asyncio.CancelledError: the user has interrupted, and a
        message says that the simulations continue.
    """
    found: dict[str, Simulation] = {}
    silence = asyncio.create_task(_remark_on_silence(found, remark or _to_standard_error))
    try:
        async with asyncio.timeout(timeout_seconds), aclosing(follow(client, targets)) as simulations:
            async for simulation in simulations:
                found[simulation.uid] = simulation
                show(simulation)
    except TimeoutError as error:
        raise WaitTimeoutError(
            f"not all have ended within {timeout_seconds:g} s; {_goes_on(targets, found)}"
        ) from error
    except asyncio.CancelledError:
        console(stderr=True).print(f"Not waiting any longer; {_goes_on(targets, found)}", soft_wrap=True)
        raise
    finally:
        silence.cancel()
    return list(found.values())


async def _remark_on_silence(found: Mapping[str, Simulation], remark: Callable[[str], None]) -> None:
    """Say for which simulations nobody does anything: no status does."""
    await asyncio.sleep(UNATTENDED_SECONDS)
    for simulation in found.values():
        if simulation.is_unattended:
            remark(unattended(simulation))


def _to_standard_error(text: str) -> None:
    console(stderr=True).print(text, soft_wrap=True)


def _goes_on(targets: Sequence[Target], found: Mapping[str, Simulation]) -> str:
    ended = {simulation.name for simulation in found.values() if simulation.has_ended}
    left = [target.name for target in targets if target.name not in ended]
    return f"the others continue; to cancel them: batterysim cancel {' '.join(left)}"
