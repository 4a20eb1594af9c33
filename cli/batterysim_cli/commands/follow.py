"""Following simulations until all of them have ended."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import NamedTuple

from batterysim_client import AsyncClient, Change, ChangeKind, NotFoundError, Simulation


class Target(NamedTuple):
    """A simulation that a command is for. Without a namespace: in the client's."""

    name: str
    namespace: str | None = None


async def follow(client: AsyncClient, targets: Sequence[Target]) -> AsyncGenerator[Simulation]:
    """Yield each simulation as it is, then at each change, until all have ended.

    Raises:
        NotFoundError: one is not there, or was deleted before it had ended.
    """
    waiting: dict[str, Simulation] = {}
    for name, namespace in dict.fromkeys(targets):
        simulation = await client.get(name, namespace=namespace)
        if not simulation.has_ended:
            waiting[simulation.uid] = simulation
        yield simulation
    if not waiting:
        return
    async with aclosing(_changes(client, list(waiting.values()))) as changes:
        async for kind, simulation in changes:
            if simulation.uid not in waiting:
                continue
            if kind is ChangeKind.DELETED:
                raise _deleted(simulation)
            yield simulation
            if simulation.has_ended:
                del waiting[simulation.uid]
            if not waiting:
                return
    raise _deleted(next(iter(waiting.values())))


def _deleted(simulation: Simulation) -> NotFoundError:
    return NotFoundError(f"{simulation.name!r} was deleted before it had ended")


def _changes(client: AsyncClient, simulations: Sequence[Simulation]) -> AsyncGenerator[Change]:
    """Return one stream with the changes of all of them, and of few others: rights may not reach further."""
    namespaces = {simulation.namespace for simulation in simulations}
    if len(namespaces) > 1:
        return client.watch(all_namespaces=True, seen=simulations)
    name = simulations[0].name if len(simulations) == 1 else None
    return client.watch(name, namespace=namespaces.pop(), seen=simulations)
