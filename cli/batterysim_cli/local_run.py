"""One simulation in this process, for notebooks and scripts, with the code that a runner's pod has."""

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from batterysim.results import UNIT_METADATA_KEY, ResultMetadata, Summary
from batterysim.spec import BatterySimulationSpec
from batterysim.validation import parse_spec
from batterysim_cli.manifest import parse_manifest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

UNNAMED = "simulation"


class Here(NamedTuple):
    """What the provenance says instead of an image and a pod."""

    image: str = "local"
    pod_name: str = "local"


@dataclass(frozen=True, repr=False)
class LocalResult:
    """A solved simulation.

    name: the manifest's, or "simulation" when only a spec was given.
    metadata: summary, provenance and times.
    parquet: the result file, as the bridge would have stored it.
    """

    name: str
    spec: BatterySimulationSpec
    metadata: ResultMetadata
    parquet: bytes

    @property
    def summary(self) -> Summary:
        """The result in a few numbers."""
        return self.metadata.summary

    def to_pandas(self) -> "pd.DataFrame":
        """Return the series: a row for each point of time, a column for each of PyBaMM's variables.

        The columns' names end in their unit; `attrs["units"]` has it apart, by the column's name.
        """
        import pyarrow.parquet as pq  # noqa: PLC0415 - only who wants a result waits for Arrow

        table = pq.read_table(io.BytesIO(self.parquet))
        frame: pd.DataFrame = table.to_pandas()
        frame.attrs["units"] = {
            field.name: field.metadata[UNIT_METADATA_KEY].decode() for field in table.schema
        }
        return frame

    def plot(self) -> "tuple[Axes, ...]":
        """Draw voltage and current against time with pyplot, and return the axes.

        Raises:
            ImportError: matplotlib is absent; the message says how to get it.
        """
        from batterysim_cli.plot import plot  # noqa: PLC0415 - matplotlib is slow to import, and may be absent

        return plot(self)

    def __repr__(self) -> str:
        summary = self.summary
        return (
            f"<LocalResult {self.name}: {summary.end_reason} at {summary.end_time_seconds:g} s, "
            f"{summary.discharge_capacity_ampere_hours:.4f} A.h, "
            f"{summary.discharge_energy_watt_hours:.4f} W.h, end {summary.end_volts:.3f} V>"
        )

    def _repr_html_(self) -> str:
        """Show the summary and the series in a notebook."""
        cells = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in self.summary)
        series = self.to_pandas().to_html(max_rows=10)
        return f"<p><b>{self.name}</b></p><table>{cells}</table>{series}"


def run(simulation: BatterySimulationSpec | Mapping[str, Any]) -> LocalResult:
    """Solve a simulation here and return its result.

    simulation: a spec, a spec as a dict, or a whole BatterySimulation as a dict.
    `spec.run` and `spec.callback` are for the cluster and do nothing here.

    Raises:
        InvalidSpecError: names every wrong field and what to do.
        batterysim_runner.errors.RunError: the run cannot go on; the message says what to change.
    """
    if isinstance(simulation, BatterySimulationSpec):
        return solve_here(UNNAMED, simulation)
    if "spec" in simulation or "kind" in simulation:
        return solve_here(*parse_manifest(simulation))
    return solve_here(UNNAMED, parse_spec(simulation))


def solve_here(name: str, spec: BatterySimulationSpec) -> LocalResult:
    """Do what a runner's pod does, all but the upload."""
    started_time = datetime.now(UTC)
    os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")  # it asks for consent otherwise
    # Imported here, not above: whoever only looks at manifests does not wait for PyBaMM.
    from batterysim_runner.product import produce  # noqa: PLC0415

    return LocalResult(name, spec, *produce(spec, Here(), started_time, datetime.now(UTC)))
