"""Rankings of what varies, from a sweep's table."""

from typing import TYPE_CHECKING

from batterysim.sweep.design import Morris

if TYPE_CHECKING:
    import pandas as pd


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

    _require(table, column, "saltelli", "Sobol's indices")
    varied = table.attrs["varied"]
    blocks = table.sort_values("point")[column].to_numpy().reshape(-1, len(varied) + 2)
    # The first one is given twice, because SciPy 1.17 ends with a TypeError where there is one alone.
    mixed = blocks[:, [*range(1, len(varied) + 1), 1]].T[:, None, :]
    values = {"f_A": blocks[:, :1].T, "f_B": blocks[:, -1:].T, "f_AB": mixed}
    found = stats.sobol_indices(func=values, n=len(blocks))
    first, total = (order.ravel()[: len(varied)] for order in (found.first_order, found.total_order))
    ranking = pd.DataFrame({"firstOrder": first, "total": total}, index=varied)
    return ranking.sort_values("total", ascending=False)


def morris_effects(table: "pd.DataFrame", column: str) -> "pd.DataFrame":
    """Return how much a column changes with each varied field or parameter, most important first.

    table: of a sweep with the design morris. column: a number of its summary or a metric.

    The index has the varied names. An elementary effect is the change of the column, in its unit, for the
    whole range of what varies, as one step of a trajectory shows it. `meanAbsolute` is the mean of their
    amounts, by which they are ranked, `mean` their mean, and `standardDeviation` is large where the effect
    depends on where in the range it is, or on the others. Source: Morris, Technometrics 33 (1991) 161-174;
    the mean of the amounts: Campolongo et al., Environmental Modelling & Software 22 (2007) 1509-1518.

    Raises:
        ValueError: the table is of another design, or lacks values. None is guessed.
    """
    import numpy as np  # noqa: PLC0415 - slow to import
    import pandas as pd  # noqa: PLC0415

    _require(table, column, "morris", "Morris's effects")
    varied = table.attrs["varied"]
    rows = table.sort_values("point")
    values = np.diff(rows[varied].to_numpy(float).reshape(-1, len(varied) + 1, len(varied)), axis=1)
    changes = np.diff(rows[column].to_numpy(float).reshape(-1, len(varied) + 1), axis=1)
    levels = table.attrs["design"].get("levels", Morris.model_fields["levels"].default)
    # In each step of a trajectory one variation changes: by levels / (2 (levels - 1)) of its range.
    steps = np.sign(values) * levels / (2 * (levels - 1))
    effects = (np.divide(changes[:, :, None], steps, where=steps != 0, out=np.zeros_like(steps))).sum(axis=1)
    ranking = pd.DataFrame(
        {
            "meanAbsolute": np.abs(effects).mean(axis=0),
            "mean": effects.mean(axis=0),
            "standardDeviation": effects.std(axis=0, ddof=1),
        },
        index=varied,
    )
    return ranking.sort_values("meanAbsolute", ascending=False)


def _require(table: "pd.DataFrame", column: str, kind: str, what: str) -> None:
    design = table.attrs["design"]
    if design["kind"] != kind:
        raise ValueError(f"{what} need a sweep with the design {kind}")
    missing = design["points"] - int(table[column].notna().sum())
    if missing:
        raise ValueError(
            f"{missing} of {design['points']} points have no {column}: see their reasons, and narrow the "
            "ranges until all can be solved"
        )
