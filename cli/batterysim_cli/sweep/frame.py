"""A sweep's table as a DataFrame, for notebooks and scripts."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from batterysim.spec.documents.python_contents import with_texts_of_sweep
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.sweep.checks import parse_sweep
from batterysim.sweep.request import Vary, sweep_spec
from batterysim_cli.manifests.config_maps import read_nothing
from batterysim_cli.sweep.process import SweepError, solve, too_many_failures

if TYPE_CHECKING:
    import pandas as pd


class TooManyFailedPointsError(SweepError):
    """More points have failed than are accepted. table: the rows of those that have ended."""

    def __init__(self, message: str, table: "pd.DataFrame") -> None:
        super().__init__(message)
        self.table = table


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
        TooManyFailedPointsError: more than run's maxFailedPoints have failed; it has the table so far.
        SweepError: it cannot be run here.
    """
    raw = sweep_spec(simulation, vary, design=design, metrics=metrics, objective=objective, run=run)
    spec = parse_sweep(with_texts_of_sweep(raw), read_nothing)
    solved = solve(spec, jobs or os.cpu_count() or 1)
    if solved.was_interrupted:
        raise KeyboardInterrupt
    from batterysim_formats.frame import read_frame  # noqa: PLC0415 - slow to import

    table = read_frame(solved.parquet)
    if solved.has_too_many_failures:
        raise TooManyFailedPointsError(too_many_failures(spec), table)
    return table
