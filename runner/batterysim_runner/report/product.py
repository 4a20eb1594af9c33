"""From a solved run to a result with all that it says about itself: what a pod and a laptop do alike."""

from datetime import UTC, datetime
from typing import NamedTuple

from batterysim.results import ResultMetadata, RunnerTimes
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.report.provenance import Place, provenance
from batterysim_runner.report.result_file import encode
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace


class Product(NamedTuple):
    """A result: what it says about itself, and the whole of it as a Parquet file's bytes."""

    metadata: ResultMetadata
    parquet: bytes


def describe(
    spec: BatterySimulationSpec, place: Place, started_time: datetime, imported_time: datetime, trace: Trace
) -> Product:
    """Make the result of a run that has just been solved.

    started_time, imported_time: when the process began, and when it was ready to solve.
    """
    metadata = ResultMetadata(
        summary=summarise(trace),
        provenance=provenance(spec, place, trace),
        times=RunnerTimes(
            runner_started_time=started_time,
            solver_imported_time=imported_time,
            solved_time=datetime.now(UTC),
        ),
        steps=trace.steps,
        cycles=trace.cycles,
    )
    return Product(metadata, encode(trace, metadata))
