"""One simulation in this process, for notebooks and scripts, with the code that a runner's pod has."""

import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from batterysim.checks.validation import parse_spec
from batterysim.results import PARQUET_METADATA_KEY, UNIT_METADATA_KEY, ResultMetadata, Summary
from batterysim.spec.documents.python_contents import with_texts
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import Progress
from batterysim_cli.display.quantity import describe_field, duration, in_words
from batterysim_cli.local.earlier import read_state
from batterysim_cli.local.limited import can_be_limited, solve_limited
from batterysim_cli.manifests.config_maps import read_nothing
from batterysim_cli.manifests.manifest import parse_manifest

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from matplotlib.axes import Axes

UNNAMED = "simulation"


class Here(NamedTuple):
    """Values of the provenance in place of an image and a pod."""

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

    @property
    def ending(self) -> str:
        """What ended the run, and when."""
        reason, seconds = self.summary.end_reason, self.summary.end_time_seconds
        return in_words(reason) if seconds is None else f"{in_words(reason)} after {duration(seconds)}"

    @property
    def title(self) -> str:
        """The heading of its plot."""
        return f"{self.name}: {self.ending}"

    def to_arrow(self) -> "pa.Table":
        """Return the series as an Arrow table, with the unit in each field's metadata."""
        import pyarrow.parquet as pq  # noqa: PLC0415 - only who wants a result waits for Arrow

        return pq.read_table(io.BytesIO(self.parquet))

    def to_pandas(self) -> "pd.DataFrame":
        """Return the series: a row for each point, a column for each of PyBaMM's variables.

        The columns' names end in their unit; `attrs["units"]` has it apart, by the column's name.
        """
        table = self.to_arrow()
        frame: pd.DataFrame = table.to_pandas()
        frame.attrs["units"] = {
            field.name: field.metadata[UNIT_METADATA_KEY].decode() for field in table.schema
        }
        return frame

    @property
    def cycles(self) -> "pd.DataFrame":
        """The cycles of an experiment, a row for each; empty for other protocols.

        The columns' names end in their unit. The ageing of the cell is among them if the model provides it.
        """
        import pandas as pd  # noqa: PLC0415 - only who wants a table waits for pandas

        records = [cycle.model_dump() for cycle in self.metadata.cycles or []]
        rows = [{**record, **(record.pop("ageing") or {})} for record in records]
        return pd.DataFrame(rows, columns=list(rows[0]) if rows else ["cycle"]).set_index("cycle")

    def plot(self) -> "tuple[Axes, ...]":
        """Draw the result with pyplot, and return the axes: voltage and current against time, or of an
        impedance its imaginary against its real part.

        Raises:
            ImportError: matplotlib is absent; the message says how to get it.
        """
        from batterysim_cli.local.plot import plot  # noqa: PLC0415 - matplotlib is slow to import, and may be absent

        return plot(self.to_arrow(), self.title)

    def __repr__(self) -> str:
        summary = self.summary
        numbers = (
            (summary.discharge_capacity_ampere_hours, "A.h"),
            (summary.discharge_energy_watt_hours, "W.h"),
            (summary.high_frequency_resistance_ohms, "Ohm at the highest frequency"),
        )
        told = [f"{number:.4f} {unit}" for number, unit in numbers if number is not None]
        return f"<LocalResult {self.name}: {', '.join([self.ending, *told])}>"

    def _repr_html_(self) -> str:
        """Show the summary and the series in a notebook."""
        fields = [describe_field(name, value) for name, value in self.summary.to_json_dict().items()]
        cells = "".join(f"<tr><th>{label}</th><td>{text} {unit}</td></tr>" for label, text, unit in fields)
        series = self.to_pandas().to_html(max_rows=10)
        return f"<p><b>{self.name}</b></p><table>{cells}</table>{series}"


def run(
    simulation: BatterySimulationSpec | Mapping[str, Any],
    *,
    from_result: "LocalResult | Path | str | None" = None,
) -> LocalResult:
    """Solve a simulation here and return its result.

    simulation: a spec, a spec as a dict, or a whole BatterySimulation as a dict. In a dict, a profile or
        another table may be a path of a file or a pandas data frame, and as long as it likes.
    from_result: an earlier result of the same model and cell, or the path of its Parquet file, from whose end
        the cell goes on. It takes the place of spec.cell.initialState.
    `spec.run` and `spec.callback` are for the cluster and do nothing here.

    Raises:
        InvalidSpecError: names every wrong field and what to do.
        batterysim_runner.errors.RunError: the run cannot go on; the message says what to change. If a part of
            it was solved before, `content` is the Parquet file of that.
    """
    name, spec = _parsed(simulation)
    if from_result is None:
        return solve_here(name, spec)
    spec = going_on(
        spec, from_result.name if isinstance(from_result, LocalResult) else Path(from_result).stem
    )
    content = from_result.parquet if isinstance(from_result, LocalResult) else Path(from_result)
    return solve_here(name, spec, state=read_state(content))


def _parsed(simulation: BatterySimulationSpec | Mapping[str, Any]) -> tuple[str, BatterySimulationSpec]:
    if isinstance(simulation, BatterySimulationSpec):
        simulation = simulation.to_json_dict()
    if "spec" in simulation or "kind" in simulation:
        if isinstance(raw_spec := simulation.get("spec"), Mapping):
            simulation = {**simulation, "spec": with_texts(raw_spec)}
        return parse_manifest(simulation, read_nothing, is_limited=False)
    return UNNAMED, parse_spec(with_texts(simulation), read_nothing, is_limited=False)


def _limited(
    name: str, spec: BatterySimulationSpec, report: Callable[[Progress], None], state: bytes | None
) -> LocalResult:
    return result_of(name, spec, solve_limited(name, spec, report, state))


def result_of(name: str, spec: BatterySimulationSpec, content: bytes) -> LocalResult:
    """Return the result that a Parquet file of ours holds."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - who does not limit a run has it from the runner

    metadata = pq.read_schema(io.BytesIO(content)).metadata[PARQUET_METADATA_KEY]
    return LocalResult(name, spec, ResultMetadata.model_validate_json(metadata), content)


def going_on(spec: BatterySimulationSpec, earlier: str) -> BatterySimulationSpec:
    """Return the spec of a run that goes on from an earlier result of this name.

    Raises:
        InvalidSpecError: the spec says itself in which state it starts.
    """
    raw = spec.to_json_dict()
    cell: Any = raw["cell"]
    return parse_spec({**raw, "cell": {**cell, "initialState": {"fromResult": earlier}}}, is_limited=False)


def solve_here(
    name: str,
    spec: BatterySimulationSpec,
    report: Callable[[Progress], None] = lambda _: None,
    *,
    own_process: bool = False,
    state: bytes | None = None,
) -> LocalResult:
    """Do what a runner's pod does, all but the upload. With a limit of time, that is in another process.

    report: is called with the progress.
    own_process: whether this process is ours, so that no other code in it misses the parts of PyBaMM that are
    not imported.
    state: of the earlier run that the spec goes on from, if it does.
    """
    if can_be_limited(spec):
        return _limited(name, spec, report, state)
    started_time = datetime.now(UTC)
    os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")  # it asks for consent otherwise
    # Imported here, not above: commands that only look at manifests do not wait for the solver.
    from batterysim_runner.compiled.library import installed  # noqa: PLC0415
    from batterysim_runner.continuation.final_state import decode  # noqa: PLC0415
    from batterysim_runner.engine import prepare  # noqa: PLC0415
    from batterysim_runner.report.trace import PartlySolvedError  # noqa: PLC0415

    start = None if state is None else decode(state, spec)
    prepared = prepare(spec, installed(), own_process=own_process, start=start)
    imported_time = datetime.now(UTC)
    failure = None
    try:
        trace = prepared.solve(report)
    except PartlySolvedError as error:
        trace, failure = error.partial, error
    from batterysim_runner.report.product import describe  # noqa: PLC0415

    result = LocalResult(name, spec, *describe(spec, Here(), started_time, imported_time, trace))
    if failure is not None:
        failure.content = result.parquet
        raise failure
    return result
