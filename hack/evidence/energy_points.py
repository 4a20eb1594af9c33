"""How exact the energy of a run is, by the number of intervals that it is integrated over.

PYTHONPATH=hack python -m evidence.energy_points [CELL]...

Discharges and charges of an SPM that a cut-off ends. Their duration is shorter than that, or up to twice as
long: then the end is between points that were placed for the whole duration. Each is compared with 20,001
points.
"""

import sys
from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table

from batterysim.checks.validation import parse_spec
from batterysim.results import TIME
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.shape import CONTROLS, Shape
from batterysim_runner.engine import prepare
from batterysim_runner.protocols import grid
from batterysim_runner.report.summary import summarise

CELLS = ("Chen2020", "Prada2013")
RATES = (0.2, 1.0, 3.0, -1.0)
INTERVALS = (1600, 800, 400, 200)
LENGTHS = (0.9, 1.02, 1.3, 1.9)
EXACT_POINTS = 20_001


class Run(NamedTuple):
    """A discharge, or a charge where the rate is negative."""

    cell: str
    rate: float
    seconds: float

    def spec(self, points: int | None = None) -> BatterySimulationSpec:
        """Return its spec. points: of the result; None: the default."""
        charge = 1.0 if self.rate > 0 else 0.02
        return parse_spec(
            {
                "model": {"family": "SPM"},
                "cell": {"parameterSet": self.cell, "initialStateOfCharge": charge},
                "protocol": {"constantCurrent": {"cRate": self.rate, "durationSeconds": self.seconds}},
                "output": {} if points is None else {"points": points},
            }
        )

    def energy(self, library: Library, points: int | None = None) -> float:
        """Return the energy that is discharged, in W.h."""
        return summarise(prepare(self.spec(points), library).solve()).discharge_energy_watt_hours

    def end_seconds(self, library: Library) -> float:
        """Return when it ends."""
        return float(prepare(self.spec(), library).solve().output()[TIME.name][-1])


def errors(library: Library, run: Run, length: float) -> list[float]:
    """Return the relative error of the energy for each number of intervals. length: of its duration."""
    exact = run._replace(seconds=run.seconds * min(length, 1.02)).energy(library, EXACT_POINTS)
    found = []
    usual = grid.MIN_SMOOTH_INTERVALS
    try:
        for intervals in INTERVALS:
            grid.MIN_SMOOTH_INTERVALS = intervals
            energy = run._replace(seconds=run.seconds * length).energy(library)
            found.append(abs(energy / exact - 1))
    finally:
        grid.MIN_SMOOTH_INTERVALS = usual
    return found


def main(cells: Sequence[str]) -> None:
    """Print a table."""
    from batterysim_runner.lean_pybamm import import_pybamm  # noqa: PLC0415 - before what imports it

    import_pybamm()
    from batterysim_runner.compiled.compilation import compile_shape  # noqa: PLC0415 - as above

    library = Library(None)
    for cell in cells:
        library.add(compile_shape(Shape("SPM", (), cell, CONTROLS[0])))
    table = Table(title="Relative error of the energy")
    for heading in ("cell", "C-rate", "duration / end", *(f"{number} intervals" for number in INTERVALS)):
        table.add_column(heading, justify="right")
    for cell in track(cells, "Runs", transient=True):
        for rate in RATES:
            ends = Run(cell, rate, 2 * 3600 / abs(rate)).end_seconds(library)
            for length in LENGTHS:
                found = errors(library, Run(cell, rate, ends), length)
                table.add_row(cell, f"{rate:g}", f"{length:g}", *(f"{error:.0e}" for error in found))
    Console(width=110).print(table)


if __name__ == "__main__":
    main(sys.argv[1:] or CELLS)
