"""Sweeps in a cluster, for programs that await."""

import asyncio
import builtins
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.sweep.request import Vary, sweep_spec
from batterysim_client.backends.backend import Backend
from batterysim_client.errors import RefusedError, WaitTimeoutError
from batterysim_client.result_format import ResultFormat, to_format
from batterysim_client.selection import Part, Selection
from batterysim_client.submission import require_name, to_sweep_manifest
from batterysim_client.sweep import Sweep
from batterysim_client.words import words_of

if TYPE_CHECKING:
    import pandas as pd

POLL_SECONDS = 1.0


class AsyncSweeps:
    """Submits sweeps, waits for them and fetches their tables: `AsyncClient.sweeps`.

    connected: returns the way to the cluster.
    """

    def __init__(self, connected: Callable[[], Awaitable[Backend]]) -> None:
        self._connected = connected

    async def run(
        self,
        simulation: BatterySimulationSpec | Mapping[str, Any],
        vary: Vary = (),
        *,
        name: str | None = None,
        namespace: str | None = None,
        design: Mapping[str, Any] | None = None,
        metrics: Sequence[Mapping[str, Any]] = (),
        objective: Mapping[str, Any] | None = None,
        **run: Any,
    ) -> "pd.DataFrame":
        """Solve a simulation for many values in the cluster, and return a table with a row for each point.

        The arguments and the table are those of `batterysim.run_sweep`; run: fields of spec.run.

        Raises:
            InvalidSpecError: it cannot be run.
            RefusedError: it has failed; the sweep stays, with the points that it has.
        """
        spec = sweep_spec(simulation, vary, design=design, metrics=metrics, objective=objective, run=run)
        submitted = await self.submit(spec, name, namespace=namespace)
        ended = await self.wait(submitted.name, namespace=submitted.namespace)
        if not ended.succeeded:
            failure = ended.status.failure
            why = "" if failure is None else f": {failure.reason}: {failure.message}"
            raise RefusedError(f"the sweep {ended.name!r} has ended in phase {ended.phase}{why}")
        return await self.table(ended.name, namespace=ended.namespace)

    async def validate(self, sweep: Mapping[str, Any], *, namespace: str | None = None) -> None:
        """Return if a sweep can be run in the cluster, as far as that can be known before.

        sweep: a spec as a dict, or a whole BatterySweep as a dict.

        Raises:
            InvalidSpecError: it cannot; `problems` has every wrong field.
        """
        backend = await self._connected()
        await backend.sweeps.check(to_sweep_manifest(sweep, backend.namespace, namespace=namespace))

    async def submit(
        self,
        sweep: Mapping[str, Any],
        name: str | None = None,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Sweep:
        """Create a sweep and return it at once.

        sweep: a spec as a dict, or a whole BatterySweep as a dict.
        name: default: the manifest's, or generated.

        Raises:
            InvalidSpecError: it cannot be run in a cluster; `problems` has every wrong field.
            ConflictError: the name belongs to another sweep.
        """
        backend = await self._connected()
        manifest = to_sweep_manifest(sweep, backend.namespace, name=name, namespace=namespace, labels=labels)
        return await backend.sweeps.create(manifest)

    async def get(self, name: str, *, namespace: str | None = None) -> Sweep:
        """Return a sweep as it is now.

        Raises:
            NotFoundError: it does not exist.
        """
        backend = await self._connected()
        return await backend.sweeps.read(_namespace(backend, namespace), require_name(name))

    async def list(
        self, *, namespace: str | None = None, all_namespaces: bool = False
    ) -> builtins.list[Sweep]:
        """Return sweeps, the newest first."""
        backend = await self._connected()
        return await backend.sweeps.list(None if all_namespaces else _namespace(backend, namespace))

    async def wait(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout_seconds: float | None = None,
        show: Callable[[Sweep], None] = lambda _: None,
    ) -> Sweep:
        """Return the sweep when it has ended, however it did.

        show: gets it every second.

        Raises:
            NotFoundError: it does not exist, or was deleted.
            WaitTimeoutError: it has not ended in time; it goes on.
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                while True:
                    sweep = await self.get(name, namespace=namespace)
                    show(sweep)
                    if sweep.has_ended:
                        return sweep
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError as error:
            raise WaitTimeoutError(
                f"{name!r} has not ended after {timeout_seconds:g} s; it continues"
            ) from error

    async def points(
        self,
        name: str,
        wanted: ResultFormat | str = ResultFormat.PARQUET,
        *,
        namespace: str | None = None,
        columns: Sequence[str] = (),
    ) -> bytes:
        """Return the table as a file, as far as it is stored: parquet, csv, json or arrow."""
        backend = await self._connected()
        query = [("format", to_format(wanted).value), *(("columns", column) for column in words_of(columns))]
        return await backend.sweeps.points(_namespace(backend, namespace), require_name(name), query)

    async def point_result(
        self,
        name: str,
        point: int,
        wanted: ResultFormat | str = ResultFormat.PARQUET,
        *,
        namespace: str | None = None,
        **part: Unpack[Part],
    ) -> bytes:
        """Return the result of a point as a file, where spec.series.keep keeps it, or a part of it.

        part: variables, every, start, end, points, as `Selection` describes them.

        Raises:
            NotFoundError: it is not kept.
        """
        backend = await self._connected()
        query = [("format", to_format(wanted).value), *Selection(**part).query()]
        where = _namespace(backend, namespace), require_name(name)
        return await backend.sweeps.points(*where, query, point)

    async def table(self, name: str, *, namespace: str | None = None) -> "pd.DataFrame":
        """Return the table as a DataFrame, as far as it is stored."""
        from batterysim_formats.frame import read_frame  # noqa: PLC0415 - imports Arrow

        return read_frame(await self.points(name, namespace=namespace))

    async def delete(self, name: str, *, namespace: str | None = None) -> None:
        """Delete a sweep, its pods and its table.

        Raises:
            NotFoundError: it does not exist.
        """
        backend = await self._connected()
        await backend.sweeps.delete(_namespace(backend, namespace), require_name(name))


def _namespace(backend: Backend, given: str | None) -> str:
    return require_name(given or backend.namespace)
