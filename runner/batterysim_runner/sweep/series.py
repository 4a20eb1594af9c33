"""Results of points that are kept whole, as each BatterySimulation has one."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.report.trace import Trace


class _Here(NamedTuple):
    """Values of the provenance in place of an image and a pod."""

    image: str = "local"
    pod_name: str = "local"


def keep_series(
    directory: Path, number: int, spec: BatterySimulationSpec, started_time: datetime, trace: Trace
) -> None:
    """Write the result of a point as point-NUMBER.parquet, whole or not at all."""
    from batterysim_runner.report.product import describe  # noqa: PLC0415 - imports Arrow
    from batterysim_runner.sweep.parts import write_whole  # noqa: PLC0415

    product = describe(spec, _Here(), started_time, started_time, trace)
    write_whole(directory / f"point-{number}.parquet", product.parquet)
