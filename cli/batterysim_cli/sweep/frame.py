"""A sweep's table as a DataFrame, for notebooks and scripts."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.sweep.checks import parse_sweep
from batterysim.sweep.request import Vary, sweep_spec
from batterysim_cli.sweep.process import solve

if TYPE_CHECKING:
    import pandas as pd


def run_sweep(
    simulation: BatterySimulationSpec | Mapping[str, Any],
    vary: Vary = (),
    *,
    design: Mapping[str, Any] | None = None,
    metrics: Sequence[Mapping[str, Any]] = (),
    objective: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    **run: Any,
) -> "pd.DataFrame":
    """Solve a simulation for many values here, on all cores, and return a table with a row for each point.

    simulation: a spec, a spec as a dict, or a whole BatterySimulation as a dict. Its callback and run are not
        used.
    vary: as in spec.vary of a BatterySweep, or values by the path of a field or the name of a parameter.
    design: as in spec.design; every value with every other by default.
    metrics, objective: as in the spec.
    jobs: points at a time; one per CPU by default.
    run: fields of spec.run, such as pointTimeoutSeconds.

    The table's `attrs` have `units` by column, `varied`, the names of the columns that vary, and `design`,
    with the number of points and the hash of their values.

    Raises:
        InvalidSpecError: names every wrong field and what to do.
        SweepError: it cannot be run here.
    """
    spec = sweep_spec(simulation, vary, design=design, metrics=metrics, objective=objective, run=run)
    parquet = solve(parse_sweep(spec), jobs or os.cpu_count() or 1).parquet
    from batterysim_formats.frame import read_frame  # noqa: PLC0415 - slow to import

    return read_frame(parquet)
