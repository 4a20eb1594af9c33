"""How exact the energy and the resistance of an experiment's step are, if its integrals have 50 points.

PYTHONPATH=hack python -m evidence.step_points [CELL]...

Discharges of an SPM to its lower cut-off. Each is compared with as many points as it takes.
"""

import sys
from collections.abc import Sequence
from functools import partial

from rich.console import Console
from rich.table import Table

from batterysim.checks.validation import parse_spec
from batterysim.results import Summary
from batterysim_runner.experiment import step_result
from batterysim_runner.experiment.integrand import MOST_POINTS, integrand_of
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve

CELLS = ("Chen2020", "Prada2013")
RATES = ("C/20", "C/5", "C/3", "1C", "3C")
FEW_POINTS = 50


def summary(cell: str, rate: str, most: int) -> Summary:
    """Return the summary of a discharge. most: points of its integrals, unless the fewest are more."""
    spec = parse_spec(
        {
            "model": {"family": "SPM"},
            "cell": {"parameterSet": cell, "initialStateOfCharge": 1},
            "protocol": {"experiment": {"steps": [f"Discharge at {rate} for 30 hours"]}},
        }
    )
    usual = step_result.integrand_of
    step_result.integrand_of = partial(integrand_of, most=most)
    try:
        return summarise(solve(spec))
    finally:
        step_result.integrand_of = usual


def errors(cell: str, rate: str) -> list[float]:
    """Return the errors of energy and resistance, as parts of them."""
    few, exact = (summary(cell, rate, most) for most in (FEW_POINTS, MOST_POINTS))
    fields = ("discharge_energy_watt_hours", "internal_resistance_ohms")
    return [abs(getattr(few, field) / getattr(exact, field) - 1) for field in fields]


def main(cells: Sequence[str]) -> None:
    """Print a table."""
    table = Table(title=f"Errors of {FEW_POINTS} points")
    for heading in ("cell", "current", "energy", "resistance"):
        table.add_column(heading, justify="right")
    for cell in cells:
        for rate in RATES:
            table.add_row(cell, rate, *(f"{100 * error:.2g} %" for error in errors(cell, rate)))
    Console(width=110).print(table)


if __name__ == "__main__":
    main(sys.argv[1:] or CELLS)
