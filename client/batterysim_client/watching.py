"""What happens to simulations, across connections that end."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing

import anyio

from batterysim.change_kind import ChangeKind
from batterysim_client.backends.backend import Backend, Began, Complete, Deleted, Event, Seen, Upserted
from batterysim_client.errors import NotFoundError, UnreachableError
from batterysim_client.simulation import Change, Simulation, change_between

# The bridge or the API server may be replaced meanwhile, which takes half a minute.
RETRY_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0)


class Known:
    """The simulations that have been reported, and the version up to which nothing is missing.

    simulations: those that are known from elsewhere.
    """

    def __init__(self, simulations: Iterable[Simulation] = ()) -> None:
        self.since: str | None = None
        self._simulations = {(item.namespace, item.name): item for item in simulations}
        self._relisted: set[tuple[str, str]] | None = None

    @property
    def simulations(self) -> list[Simulation]:
        """All of them."""
        return list(self._simulations.values())

    def changes(self, event: Event) -> Iterator[Change]:
        """Take note of an event and yield what has changed by it."""
        match event:
            case Began():
                self.since, self._relisted = None, set()
                return
            case Upserted(simulation):
                yield from self._upsert(simulation)
            case Deleted(simulation):
                yield from self._delete(simulation)
            case Complete():
                missing = self._simulations.keys() - (self._relisted or set())
                self._relisted = None
                for key in sorted(missing):
                    yield from self._delete(self._simulations[key])
            case Seen():
                pass
        if self._relisted is None:  # until the list is complete, its version has gaps
            self.since = event.version

    def _upsert(self, simulation: Simulation) -> Iterator[Change]:
        key = simulation.namespace, simulation.name
        if self._relisted is not None:
            self._relisted.add(key)
        before = self._simulations.get(key)
        self._simulations[key] = simulation
        if before is not None and before.uid != simulation.uid:  # another one has its name now
            yield Change(ChangeKind.DELETED, before)
            before = None
        if before is None or before.manifest != simulation.manifest:
            yield change_between(before, simulation)

    def _delete(self, simulation: Simulation) -> Iterator[Change]:
        if self._simulations.pop((simulation.namespace, simulation.name), None) is not None:
            yield Change(ChangeKind.DELETED, simulation)


async def follow_many(
    backend: Backend, namespace: str | None, seen: Iterable[Simulation] = ()
) -> AsyncGenerator[Change]:
    """Yield every simulation there is, then whatever happens, without end.

    seen: simulations as they were: told is only what has happened to them since, such as their deletion.

    Raises:
        ClientError: such as UnreachableError, when the server stays away.
    """
    async with aclosing(_follow(backend, namespace, None, Known(seen))) as changes:
        async for change in changes:
            yield change


async def follow_one(
    backend: Backend, namespace: str, name: str, seen: Iterable[Simulation] = ()
) -> AsyncGenerator[Change]:
    """Yield a simulation, then its changes, until it ends or is deleted.

    seen: the simulation as it was, if it is known: told is only what has happened to it since.

    Raises:
        NotFoundError: it does not exist.
        ClientError: such as UnreachableError, when the server stays away.
    """
    known = Known(
        item for item in seen if (item.namespace, item.name) == (namespace, name) and not item.has_ended
    )
    try:
        async with aclosing(_follow(backend, namespace, name, known)) as changes:
            async for change in changes:
                yield change
                if change.kind in (ChangeKind.END, ChangeKind.DELETED):
                    return
    except NotFoundError:
        # The bridge says so when the simulation went away between two connections.
        if not known.simulations:
            raise
        yield Change(ChangeKind.DELETED, known.simulations[0])


async def _follow(
    backend: Backend, namespace: str | None, name: str | None, known: Known
) -> AsyncGenerator[Change]:
    waits = iter(RETRY_SECONDS)
    while True:
        try:
            async with aclosing(backend.events(namespace, name, known.since)) as events:
                async for event in events:
                    waits = iter(RETRY_SECONDS)
                    for change in known.changes(event):
                        yield change
                    if name is not None and isinstance(event, Complete) and not known.simulations:
                        raise NotFoundError(f"no simulation {name!r} in namespace {namespace!r}")
        except UnreachableError:
            if (seconds := next(waits, None)) is None:
                raise
        else:
            seconds = RETRY_SECONDS[0]
        await anyio.sleep(seconds)
