"""Results of points that are kept whole, as each BatterySimulation has one."""

import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.report.trace import Trace

_FILE = re.compile(r"point-(\d+)\.parquet")


class _Here(NamedTuple):
    """Values of the provenance: of a pod, or of another machine in their place."""

    image: str
    pod_name: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "_Here":
        """Return those that the operator sets."""
        given = (environment.get(f"BATTERYSIM_{name}", "local") for name in ("IMAGE", "POD_NAME"))
        return cls(*given)


def keep_series(
    directory: Path, number: int, spec: BatterySimulationSpec, started_time: datetime, trace: Trace
) -> None:
    """Write the result of a point as point-NUMBER.parquet, whole or not at all."""
    from batterysim_runner.report.product import describe  # noqa: PLC0415 - imports Arrow
    from batterysim_runner.sweep.parts import write_whole  # noqa: PLC0415

    product = describe(spec, _Here.from_environment(), started_time, started_time, trace)
    write_whole(directory / f"point-{number}.parquet", product.parquet)


def kept_series(directory: Path) -> dict[int, Path]:
    """Return the results that are in a directory, by the numbers of their points."""
    found = ((_FILE.fullmatch(file.name), file) for file in directory.iterdir())
    return {int(name[1]): file for name, file in found if name is not None}


def remove_series(directory: Path) -> None:
    """Remove the results that are in a directory."""
    for file in kept_series(directory).values():
        file.unlink()
