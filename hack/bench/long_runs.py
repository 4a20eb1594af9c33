"""What long runs cost in time and memory, for decisions 006, 012 and 025.

PYTHONPATH=hack .venv/bin/python -m bench.long_runs
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pybamm
from rich.console import Console
from rich.table import Table

from batterysim.checks.validation import parse_spec
from batterysim.results import DEFAULT_COLUMNS, VOLTAGE
from batterysim_runner.solution import solve

STEPS = (
    "Discharge at 1C until 3.0 V",
    "Charge at 1C until 4.1 V",
    "Hold at 4.1 V until 50 mA",
    "Rest for 1 hour",
)
A_DAY = 86_400


def in_one_go(cycles: int) -> np.ndarray:
    """Have PyBaMM do all cycles in one call, and read a result's columns out of it."""
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPM(),
        parameter_values=pybamm.ParameterValues("Chen2020"),
        experiment=pybamm.Experiment([STEPS] * cycles),
    )
    solution = simulation.solve(calc_esoh=False)
    return {column: solution[column.name].entries for column in DEFAULT_COLUMNS}[VOLTAGE]


def cycle_by_cycle(cycles: int) -> np.ndarray:
    """Do the same as the runner does."""
    return run("SPM", {"experiment": {"steps": list(STEPS), "cycles": cycles}}, {})


def discharge(points: int) -> np.ndarray:
    """Discharge for most of an hour, with many points."""
    protocol = {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3000}}
    return run("DFN", protocol, {"output": {"points": points}})


def discharge_in_pieces(points: int) -> np.ndarray:
    """Do the same in pieces, as a limited time has it."""
    protocol = {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3000}}
    more = {"output": {"points": points}, "solver": {"wallClockLimitSeconds": A_DAY}}
    return run("DFN", protocol, more)


def drive(times: int) -> np.ndarray:
    """Drive WLTC, of 18,001 points, this many times with one of 8000 cells."""
    protocol = {"driveCycle": {"name": "WLTC", "scale": 1 / 8000, "repeat": times}}
    return run("SPM", protocol, {})


def drive_with_a_dfn(times: int) -> np.ndarray:
    """Do the same with a model of many states."""
    protocol = {"driveCycle": {"name": "WLTC", "scale": 1 / 8000, "repeat": times}}
    return run("DFN", protocol, {})


def drive_with_a_variable(times: int) -> np.ndarray:
    """Do the same with a variable in addition to the default ones, for which all states are kept."""
    protocol = {"driveCycle": {"name": "WLTC", "scale": 1 / 8000, "repeat": times}}
    return run("DFN", protocol, {"output": {"variables": ["Negative electrode stoichiometry"]}})


def run(family: str, protocol: dict[str, Any], more: dict[str, Any]) -> np.ndarray:
    """Return the voltage of a run."""
    cell = {"parameterSet": "Chen2020", "initialStateOfCharge": 0.9}
    spec = {"model": {"family": family}, "cell": cell, "protocol": protocol, **more}
    return solve(parse_spec(spec)).values[VOLTAGE.name]


SIZES: dict[Callable[[int], np.ndarray], tuple[int, ...]] = {
    in_one_go: (1, 200, 1000),
    cycle_by_cycle: (1, 200, 1000),
    discharge: (1_000, 100_000),
    discharge_in_pieces: (1_000, 100_000),
    drive: (1, 2, 4, 8),
    drive_with_a_dfn: (1, 2),
    drive_with_a_variable: (1, 2),
}
"""Each kind of run, and in which sizes: cycles, points or repetitions."""


def measure(kind: str, size: int) -> None:
    """Run one kind in this process, and print what it cost."""
    run_it = next(function for function in SIZES if function.__name__ == kind)
    began = time.perf_counter()
    voltage = run_it(size)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": peak, "points": len(voltage), "end": voltage[-1]}))


def main() -> None:
    """Measure each kind and size in a process of its own, and show the table."""
    table = Table(title="Long runs")
    for heading in ("run", "size", "seconds", "peak MB", "points", "last voltage V"):
        table.add_column(heading, justify="right")
    for kind, sizes in SIZES.items():
        for size in sizes:
            command = [sys.executable, "-m", "bench.long_runs", kind.__name__, str(size)]
            cost = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            table.add_row(
                kind.__name__.replace("_", " "),
                str(size),
                f"{cost['seconds']:.1f}",
                f"{cost['megabytes']:.0f}",
                str(cost["points"]),
                f"{cost['end']:.9f}",
            )
    Console().print(table)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(sys.argv[1], int(sys.argv[2]))
    else:
        main()
