"""Simulations in a cluster, for programs that await."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

from batterysim.change_kind import ChangeKind
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_client.async_sweeps import AsyncSweeps
from batterysim_client.backends.backend import Backend
from batterysim_client.backends.kubernetes import KubernetesBackend
from batterysim_client.backends.rest import HttpBackend
from batterysim_client.backends.result_server import PlotKind
from batterysim_client.connection import Connection, choose
from batterysim_client.errors import ConflictError, NotFoundError, WaitTimeoutError
from batterysim_client.filter import Filter, Filters
from batterysim_client.results.async_result import AsyncResult
from batterysim_client.selection import Selection
from batterysim_client.simulation import Change, Simulation
from batterysim_client.submission import is_sweep, require_name, to_manifest
from batterysim_client.watching import follow_many, follow_one


class AsyncClient:
    """Submits simulations, follows them and fetches results.

    With a `server`, or BATTERYSIM_SERVER, everything goes to the bridge's REST API with a token; else objects
    and logs go to the API server with a kubeconfig's credentials, and results come from the bridge behind it.
    `connection` describes the arguments. Nothing is called before the first method is.

    Every method raises ClientError with a message that says what to do, and InvalidSpecError for a simulation
    that cannot be run. Close it after use, or use it in `async with`.
    """

    def __init__(
        self,
        server: str | None = None,
        *,
        token: str | None = None,
        token_file: Path | None = None,
        kubeconfig: Path | None = None,
        context: str | None = None,
        namespace: str | None = None,
        bridge: str | None = None,
        service_account: str | None = None,
    ) -> None:
        self._connection = choose(
            Connection(server, token, token_file, kubeconfig, context, namespace, bridge, service_account)
        )
        self._backend: Backend | None = None
        self._connecting = asyncio.Lock()

    @cached_property
    def sweeps(self) -> AsyncSweeps:
        """The sweeps: one simulation with many values."""
        return AsyncSweeps(self._connected)

    async def where(self, namespace: str | None = None) -> str:
        """Return which way it goes, to which namespace, for people."""
        backend = await self._connected()
        return f"{backend.where}, namespace {_namespace(backend, namespace)}"

    async def submit(
        self,
        simulation: BatterySimulationSpec | Mapping[str, Any],
        name: str | None = None,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> Simulation:
        """Create a simulation and return it at once, before it has run.

        simulation: a spec, a spec as a dict, or a whole BatterySimulation as a dict.
        name: default: the manifest's, or derived from the key, or generated.
        idempotency_key: any text; the same key with the same request gets the same simulation.

        Raises:
            InvalidSpecError: it cannot be run; `problems` has every wrong field.
            ConflictError: the name or the key belongs to another request.
        """
        backend = await self._connected()
        manifest = to_manifest(simulation, backend.namespace, name=name, namespace=namespace, labels=labels)
        return await backend.create(manifest, idempotency_key)

    async def validate(
        self, simulation: BatterySimulationSpec | Mapping[str, Any], *, namespace: str | None = None
    ) -> None:
        """Return if a simulation can be run, as far as that can be known before.

        simulation: as `submit` takes it, or a sweep: its spec, or a whole BatterySweep, as a dict.

        Raises:
            InvalidSpecError: it cannot; `problems` has every wrong field.
        """
        if not isinstance(simulation, BatterySimulationSpec) and is_sweep(simulation):
            await self.sweeps.validate(simulation, namespace=namespace)
            return
        backend = await self._connected()
        await backend.check(to_manifest(simulation, backend.namespace, namespace=namespace))

    async def get(self, name: str, *, namespace: str | None = None) -> Simulation:
        """Return a simulation as it is now.

        Raises:
            NotFoundError: it does not exist.
        """
        backend = await self._connected()
        return await backend.read(_namespace(backend, namespace), require_name(name))

    async def list(
        self,
        *,
        namespace: str | None = None,
        all_namespaces: bool = False,
        **filters: Unpack[Filters],
    ) -> AsyncIterator[Simulation]:
        """Yield simulations, newest first; over HTTP without their specs.

        filters: phases, such as "Failed"; protocols, such as "constantCurrent" or "driveCycle"; labels, a
            selector as of `kubectl get -l`; text, a part of the name. Of phases and protocols several or one.

        Raises:
            RefusedError: there is no such phase or protocol.
        """
        backend = await self._connected()
        where = None if all_namespaces else _namespace(backend, namespace)
        async for simulation in backend.simulations(where, Filter.of(**filters)):
            yield simulation

    async def watch(
        self,
        name: str | None = None,
        *,
        namespace: str | None = None,
        all_namespaces: bool = False,
        seen: Iterable[Simulation] = (),
    ) -> AsyncGenerator[Change]:
        """Yield what there is, then what happens, across lost connections.

        With a name, until that simulation has ended or is deleted; else without end.

        seen: simulations as they were: told is only what has happened to them since, their deletion included.

        Raises:
            NotFoundError: there is no simulation of this name.
        """
        backend = await self._connected()
        where = _namespace(backend, namespace)
        changes = (
            follow_many(backend, None if all_namespaces else where, seen)
            if name is None
            else follow_one(backend, where, require_name(name), seen)
        )
        async with aclosing(changes):
            async for change in changes:
                yield change

    async def wait(
        self, name: str, *, namespace: str | None = None, timeout_seconds: float | None = None
    ) -> Simulation:
        """Return the simulation when it has ended, however it did; `succeeded` and `status.failure` say how.

        Raises:
            NotFoundError: it does not exist, or was deleted.
            WaitTimeoutError: it has not ended in time; it goes on.
        """
        try:
            async with (
                asyncio.timeout(timeout_seconds),
                aclosing(self.watch(name, namespace=namespace)) as changes,
            ):
                async for kind, simulation in changes:
                    if kind is ChangeKind.END:
                        return simulation
        except TimeoutError as error:
            raise WaitTimeoutError(
                f"{name!r} has not ended after {timeout_seconds:g} s; it continues"
            ) from error
        raise NotFoundError(f"{name!r} was deleted before it had ended")

    def result(
        self,
        name: str,
        *,
        namespace: str | None = None,
        variables: Sequence[str] = (),
        every: int | None = None,
        start: float | None = None,
        end: float | None = None,
        points: int | None = None,
    ) -> AsyncResult:
        """Return a result, or the part of it that `Selection` describes. It is fetched when it is read."""
        selection = Selection(variables, every, start, end, points)
        return AsyncResult(require_name(name), namespace, selection, self._connected)

    async def plot(
        self,
        name: str,
        kind: PlotKind = "svg",
        *,
        namespace: str | None = None,
        every: int | None = None,
        start: float | None = None,
        end: float | None = None,
        width_pixels: int | None = None,
    ) -> bytes:
        """Return a picture of voltage and current against time. A width is for PNG."""
        backend = await self._connected()
        where = _namespace(backend, namespace)
        bridge = await backend.bridge(where, require_name(name))
        return await bridge.plot(where, name, kind, Selection((), every, start, end), width_pixels)

    async def logs(
        self, name: str, *, namespace: str | None = None, follow: bool = False
    ) -> AsyncIterator[str]:
        """Yield the lines of the run's log, from its newest pod. Only by kubeconfig.

        follow: wait for the pod if necessary, and go on until the run ends.

        Raises:
            NotFoundError: there is no pod, or not any more.
            RefusedError: the way is HTTP.
        """
        backend = await self._connected()
        async for line in backend.log(_namespace(backend, namespace), require_name(name), follow=follow):
            yield line

    async def cancel(self, name: str, *, namespace: str | None = None) -> None:
        """Delete a simulation that has not ended, and its run.

        Raises:
            ConflictError: it has ended.
        """
        simulation = await self.get(name, namespace=namespace)
        if simulation.has_ended:
            raise ConflictError(
                f"{name!r} has ended ({simulation.phase}): delete it, if you do not need its result"
            )
        await self.delete(name, namespace=namespace)

    async def delete(self, name: str, *, namespace: str | None = None) -> None:
        """Delete a simulation, its run and its result.

        Raises:
            NotFoundError: it does not exist.
        """
        backend = await self._connected()
        await backend.delete(_namespace(backend, namespace), require_name(name))

    async def close(self) -> None:
        """Close the connections."""
        if self._backend is not None:
            await self._backend.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _connected(self) -> Backend:
        async with self._connecting:
            if self._backend is None:
                if self._connection.server:
                    self._backend = HttpBackend.connect(self._connection)
                else:
                    self._backend = await KubernetesBackend.connect(self._connection)
            return self._backend


def _namespace(backend: Backend, given: str | None) -> str:
    return require_name(given or backend.namespace)
