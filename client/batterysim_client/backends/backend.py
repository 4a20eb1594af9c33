"""What both ways to the simulations can do."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, NamedTuple, Protocol

from batterysim_client.backends.result_server import ResultServer
from batterysim_client.backends.sweep_server import SweepServer
from batterysim_client.filter import Filter
from batterysim_client.simulation import Simulation

Json = Mapping[str, Any]


class Upserted(NamedTuple):
    """A simulation is there, as it is now."""

    simulation: Simulation
    version: str


class Deleted(NamedTuple):
    """A simulation has been deleted."""

    simulation: Simulation
    version: str


class Began(NamedTuple):
    """What follows, up to `Complete`, is everything that there is: forget the rest."""


class Complete(NamedTuple):
    """Everything that there is has been told."""

    version: str


class Seen(NamedTuple):
    """Nothing more has happened up to this version."""

    version: str


Event = Upserted | Deleted | Began | Complete | Seen


class Backend(Protocol):
    """One of the ways. Every method raises ClientError, and InvalidSpecError for what cannot be run."""

    @property
    def where(self) -> str:
        """Where it leads, in a few words."""
        ...

    @property
    def namespace(self) -> str:
        """The namespace for those who name none."""
        ...

    @property
    def sweeps(self) -> SweepServer:
        """The sweeps of the cluster."""
        ...

    async def create(self, manifest: Json, key: str | None) -> Simulation:
        """Create a simulation once. The manifest has a namespace, and perhaps a name. key: of idempotency."""
        ...

    async def read(self, namespace: str, name: str) -> Simulation:
        """Return a simulation."""
        ...

    def simulations(self, namespace: str | None, wanted: Filter) -> AsyncIterator[Simulation]:
        """Yield simulations, the newest first. None: of all namespaces."""
        ...

    async def delete(self, namespace: str, name: str) -> None:
        """Delete a simulation, its run and its result."""
        ...

    def events(self, namespace: str | None, name: str | None, since: str | None) -> AsyncGenerator[Event]:
        """Yield what there is and what happens, until the connection ends. `since`: the last version seen."""
        ...

    def log(self, namespace: str, name: str, *, follow: bool) -> AsyncIterator[str]:
        """Yield the runner's log, line by line."""
        ...

    async def check(self, manifest: Json) -> None:
        """Return if a simulation can be run."""
        ...

    async def bridge(self, namespace: str, name: str) -> ResultServer:
        """Return the bridge that has a simulation's result."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
