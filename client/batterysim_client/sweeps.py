"""Sweeps in a cluster, for scripts and notebooks."""

import builtins
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.sweep.request import Vary
from batterysim_client.async_sweeps import AsyncSweeps
from batterysim_client.portal import Portal
from batterysim_client.result_format import ResultFormat
from batterysim_client.selection import Part
from batterysim_client.sweep import Sweep

if TYPE_CHECKING:
    import pandas as pd


class Sweeps:
    """`AsyncSweeps` whose methods return when they are done. They are described there."""

    def __init__(self, portal: Portal, sweeps: AsyncSweeps) -> None:
        self._portal = portal
        self._sweeps = sweeps

    def run(
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
        """Solve a simulation for many values in the cluster, and return a table with a row for each point."""
        return self._portal.run(
            self._sweeps.run,
            simulation,
            vary,
            name=name,
            namespace=namespace,
            design=design,
            metrics=metrics,
            objective=objective,
            **run,
        )

    def validate(self, sweep: Mapping[str, Any], *, namespace: str | None = None) -> None:
        """Return if a sweep can be run in the cluster; else raise InvalidSpecError."""
        self._portal.run(self._sweeps.validate, sweep, namespace=namespace)

    def submit(
        self,
        sweep: Mapping[str, Any],
        name: str | None = None,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Sweep:
        """Create a sweep and return it at once."""
        return self._portal.run(self._sweeps.submit, sweep, name, namespace=namespace, labels=labels)

    def get(self, name: str, *, namespace: str | None = None) -> Sweep:
        """Return a sweep as it is now."""
        return self._portal.run(self._sweeps.get, name, namespace=namespace)

    def list(self, *, namespace: str | None = None, all_namespaces: bool = False) -> builtins.list[Sweep]:
        """Return sweeps, the newest first."""
        return self._portal.run(self._sweeps.list, namespace=namespace, all_namespaces=all_namespaces)

    def wait(
        self,
        name: str,
        *,
        namespace: str | None = None,
        timeout_seconds: float | None = None,
        show: Callable[[Sweep], None] = lambda _: None,
    ) -> Sweep:
        """Return the sweep when it has ended, however it did."""
        return self._portal.run(
            self._sweeps.wait, name, namespace=namespace, timeout_seconds=timeout_seconds, show=show
        )

    def points(
        self,
        name: str,
        wanted: ResultFormat | str = ResultFormat.PARQUET,
        *,
        namespace: str | None = None,
        columns: Sequence[str] = (),
    ) -> bytes:
        """Return the table as a file, as far as it is stored."""
        return self._portal.run(self._sweeps.points, name, wanted, namespace=namespace, columns=columns)

    def point_result(
        self,
        name: str,
        point: int,
        wanted: ResultFormat | str = ResultFormat.PARQUET,
        *,
        namespace: str | None = None,
        **part: Unpack[Part],
    ) -> bytes:
        """Return the result of a point as a file, where spec.series.keep keeps it, or a part of it."""
        return self._portal.run(self._sweeps.point_result, name, point, wanted, namespace=namespace, **part)

    def table(self, name: str, *, namespace: str | None = None) -> "pd.DataFrame":
        """Return the table as a DataFrame, as far as it is stored."""
        return self._portal.run(self._sweeps.table, name, namespace=namespace)

    def delete(self, name: str, *, namespace: str | None = None) -> None:
        """Delete a sweep, its pods and its table."""
        self._portal.run(self._sweeps.delete, name, namespace=namespace)
