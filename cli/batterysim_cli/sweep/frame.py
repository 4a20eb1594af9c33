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


def sobol_indices(table: "pd.DataFrame", column: str) -> "pd.DataFrame":
    """Return how much of a column's variance each varied field or parameter explains, most important first.

    table: of a sweep with the design saltelli. column: a number of its summary or a metric.

    The index has the varied names. `firstOrder` is the share that is explained by one alone, `total` that
    with all interactions. Source: scipy.stats.sobol_indices.

    Raises:
        ValueError: the table is of another design, or lacks values. None is guessed.
    """
    import pandas as pd  # noqa: PLC0415 - slow to import
    from scipy import stats  # noqa: PLC0415

    varied = table.attrs["varied"]
    if table.attrs["design"]["kind"] != "saltelli":
        raise ValueError("Sobol's indices need a sweep with the design saltelli")
    missing = table.attrs["design"]["points"] - int(table[column].notna().sum())
    if missing:
        raise ValueError(
            f"{missing} of {table.attrs['design']['points']} points have no {column}: see their reasons, and "
            "narrow the ranges until all can be solved"
        )
    blocks = table.sort_values("point")[column].to_numpy().reshape(-1, len(varied) + 2)
    values = {"f_A": blocks[:, :1].T, "f_B": blocks[:, -1:].T, "f_AB": blocks[:, 1:-1].T[:, None, :]}
    found = stats.sobol_indices(func=values, n=len(blocks))
    ranking = pd.DataFrame(
        {"firstOrder": found.first_order.ravel(), "total": found.total_order.ravel()}, index=varied
    )
    return ranking.sort_values("total", ascending=False)
