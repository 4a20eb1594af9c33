"""Simulations in a cluster, for scripts and notebooks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_client.async_client import AsyncClient
from batterysim_client.backends.result_server import PlotKind
from batterysim_client.filter import Filters
from batterysim_client.portal import Portal
from batterysim_client.results.result import Result
from batterysim_client.simulation import Change, Simulation
from batterysim_client.sweeps import Sweeps


class Client:
    """An `AsyncClient` whose methods return when they are done. They are described there."""

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
        self._portal = Portal()
        self._client = AsyncClient(
            server,
            token=token,
            token_file=token_file,
            kubeconfig=kubeconfig,
            context=context,
            namespace=namespace,
            bridge=bridge,
            service_account=service_account,
        )

    @cached_property
    def sweeps(self) -> Sweeps:
        """The sweeps: one simulation with many values."""
        return Sweeps(self._portal, self._client.sweeps)

    def where(self, namespace: str | None = None) -> str:
        """Return which way it goes, to which namespace, for people."""
        return self._portal.run(self._client.where, namespace)

    def submit(
        self,
        simulation: BatterySimulationSpec | Mapping[str, Any],
        name: str | None = None,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> Simulation:
        """Create a simulation and return it at once, before it has run."""
        return self._portal.run(
            self._client.submit,
            simulation,
            name,
            namespace=namespace,
            labels=labels,
            idempotency_key=idempotency_key,
        )

    def validate(
        self, simulation: BatterySimulationSpec | Mapping[str, Any], *, namespace: str | None = None
    ) -> None:
        """Return if a simulation or a sweep can be run; else raise InvalidSpecError."""
        self._portal.run(self._client.validate, simulation, namespace=namespace)

    def get(self, name: str, *, namespace: str | None = None) -> Simulation:
        """Return a simulation as it is now."""
        return self._portal.run(self._client.get, name, namespace=namespace)

    def list(
        self,
        *,
        namespace: str | None = None,
        all_namespaces: bool = False,
        **filters: Unpack[Filters],
    ) -> Iterator[Simulation]:
        """Yield simulations, newest first; over HTTP without their specs."""
        return self._portal.iterate(
            self._client.list(
                namespace=namespace,
                all_namespaces=all_namespaces,
                **filters,
            )
        )

    def watch(
        self,
        name: str | None = None,
        *,
        namespace: str | None = None,
        all_namespaces: bool = False,
        seen: Iterable[Simulation] = (),
    ) -> Iterator[Change]:
        """Yield what there is, or has changed since `seen`, then what happens; of one, until it has ended."""
        changes = self._client.watch(name, namespace=namespace, all_namespaces=all_namespaces, seen=seen)
        return self._portal.iterate(changes)

    def wait(
        self, name: str, *, namespace: str | None = None, timeout_seconds: float | None = None
    ) -> Simulation:
        """Return the simulation when it has ended, however it did."""
        return self._portal.run(self._client.wait, name, namespace=namespace, timeout_seconds=timeout_seconds)

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
    ) -> Result:
        """Return a simulation's result, or a part of it. It is fetched when read."""
        result = self._client.result(
            name,
            namespace=namespace,
            variables=variables,
            every=every,
            start=start,
            end=end,
            points=points,
        )
        return Result(result, self._portal)

    def plot(
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
        """Return a picture of voltage and current against time."""
        return self._portal.run(
            self._client.plot,
            name,
            kind,
            namespace=namespace,
            every=every,
            start=start,
            end=end,
            width_pixels=width_pixels,
        )

    def logs(self, name: str, *, namespace: str | None = None, follow: bool = False) -> Iterator[str]:
        """Yield the lines of the run's log. Only by kubeconfig."""
        return self._portal.iterate(self._client.logs(name, namespace=namespace, follow=follow))

    def cancel(self, name: str, *, namespace: str | None = None) -> None:
        """Delete a simulation that has not ended, and its run."""
        self._portal.run(self._client.cancel, name, namespace=namespace)

    def delete(self, name: str, *, namespace: str | None = None) -> None:
        """Delete a simulation, its run and its result."""
        self._portal.run(self._client.delete, name, namespace=namespace)

    def close(self) -> None:
        """Close the connections. A script that ends need not."""
        self._portal.run(self._client.close)
        self._portal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
