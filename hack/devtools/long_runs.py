"""What long runs cost in time and memory, for decisions 006 and 012.

PYTHONPATH=hack .venv/bin/python -m devtools.long_runs
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

from batterysim.results import DEFAULT_COLUMNS, VOLTAGE
from batterysim.validation import parse_spec
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


def run(family: str, protocol: dict[str, Any], more: dict[str, Any]) -> np.ndarray:
    """Return the voltage of a run."""
    spec = {"model": {"family": family}, "cell": {"parameterSet": "Chen2020"}, "protocol": protocol, **more}
    return solve(parse_spec(spec)).values[VOLTAGE.name]


KINDS: tuple[Callable[[int], np.ndarray], ...] = (in_one_go, cycle_by_cycle, discharge, discharge_in_pieces)


def measure(kind: str, size: int) -> None:
    """Run one kind in this process, and print what it cost."""
    run_it = next(function for function in KINDS if function.__name__ == kind)
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
    for kind in KINDS:
        sizes = (1, 200, 1000) if kind in (in_one_go, cycle_by_cycle) else (1_000, 100_000)
        for size in sizes:
            command = [sys.executable, "-m", "devtools.long_runs", kind.__name__, str(size)]
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
