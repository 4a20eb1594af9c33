"""The rate of a sweep, compared with a plain loop of PyBaMM over a model that is built once.

PYTHONPATH=hack .venv/bin/python -m bench.sweep [FAMILY POINTS]...

Both vary the same four numbers at the same points, in two processes. The loop keeps only the last voltage of
each point; the sweep is measured as a user sees it, from the start of its process to the written table.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from batterysim.sweep.checks import parse_sweep
from batterysim_runner.sweep.design import Points
from batterysim_runner.sweep.environment import ENVIRONMENT

CASES = (("SPM", 1000), ("SPM", 10_000), ("DFN", 1000))
PROCESSES = 2
C_RATE = "protocol.constantCurrent.cRate"
TEMPERATURE = "cell.ambientTemperatureCelsius"
PARAMETERS = ("Positive particle diffusivity [m2.s-1]", "Negative particle diffusivity [m2.s-1]")
SECONDS = 3600.0


class Took(NamedTuple):
    """Real time, and CPU time of all processes, in s."""

    seconds: float
    cpu_seconds: float


def sweep_spec(family: str, points: int) -> dict[str, Any]:
    """Return discharges at many rates, temperatures and diffusivities."""
    factors = {"from": 0.8, "to": 1.25, "scale": "Log"}
    return {
        "simulation": {
            "model": {"family": family},
            "cell": {"parameterSet": "Chen2020"},
            "protocol": {"constantCurrent": {"cRate": 1, "durationSeconds": SECONDS}},
        },
        "vary": [
            {"field": C_RATE, "range": {"from": 0.5, "to": 1.2}},
            {"field": TEMPERATURE, "range": {"from": 15, "to": 40}},
            *({"parameter": name, "factors": factors} for name in PARAMETERS),
        ],
        "design": {"random": {"points": points, "seed": 1}},
    }


def loop(family: str, points: list[tuple[float, ...]]) -> list[float]:
    """Solve points one after the other with one model, as a careful user of PyBaMM does."""
    import pybamm  # noqa: PLC0415 - its import is part of the time

    values = pybamm.ParameterValues("Chen2020")
    names = ("Current function [A]", "Ambient temperature [K]", "Initial temperature [K]", *PARAMETERS)
    values.update(dict.fromkeys(names, "[input]"))
    model = getattr(pybamm.lithium_ion, family)()
    solver = pybamm.IDAKLUSolver(output_variables=["Voltage [V]"])
    simulation = pybamm.Simulation(model, parameter_values=values, solver=solver)
    times = np.linspace(0, SECONDS, 101)
    ends = []
    for rate, celsius, *diffusivities in points:
        kelvin = celsius + 273.15
        inputs = dict(zip(names, (5 * rate, kelvin, kelvin, *diffusivities), strict=True))
        try:
            solution = simulation.solve([0, SECONDS], t_interp=times, inputs=inputs)
        except pybamm.SolverError:
            ends.append(math.nan)
        else:
            ends.append(float(solution["Voltage [V]"].data[-1]))
    return ends


def measure_loop(family: str, points: list[tuple[float, ...]]) -> tuple[Took, list[float]]:
    """Return what the loop took, in new processes, and the last voltages."""
    before = _cpu_seconds()
    began = time.perf_counter()
    shares = [points[share::PROCESSES] for share in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        ends = list(pool.map(loop, [family] * PROCESSES, shares))
    took = Took(time.perf_counter() - began, _cpu_seconds() - before)
    merged = [0.0] * len(points)
    for share, found in enumerate(ends):
        merged[share::PROCESSES] = found
    return took, merged


def measure_sweep(spec: dict[str, Any]) -> tuple[Took, pd.DataFrame, float]:
    """Return what a sweep took, its table, and the memory of its largest process in MB."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "sweep.yaml")
        manifest = {
            "apiVersion": "batterysim.dev/v1alpha1",
            "kind": "BatterySweep",
            "metadata": {"name": "bench"},
            "spec": spec,
        }
        file.write_text(json.dumps(manifest), encoding="utf-8")
        before = _cpu_seconds()
        began = time.perf_counter()
        command = [sys.executable, "-m", "batterysim_cli", "sweep", file, "--output", directory]
        process = subprocess.Popen([*command, "--jobs", str(PROCESSES)], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)  # the most memory of any of its processes, too
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"the sweep ended with {process.returncode}")
        took = Took(time.perf_counter() - began, _cpu_seconds() - before)
        return took, pd.read_parquet(Path(directory, "bench.parquet")), usage.ru_maxrss / 1024


def main() -> None:
    """Measure each case, the loop first."""
    os.environ.update(ENVIRONMENT)
    wanted = list(zip(sys.argv[1::2], map(int, sys.argv[2::2]), strict=True)) or CASES
    table = Table(title=f"{PROCESSES} processes")
    for heading in (
        "points",
        "loop s",
        "loop CPU s",
        "sweep s",
        "sweep CPU s",
        "sweep/loop",
        "largest difference V",
        "MB",
    ):
        table.add_column(heading, justify="right")
    for family, count in wanted:
        spec = sweep_spec(family, count)
        points: Any = Points(parse_sweep(spec)).values(0, count)
        looped, ends = measure_loop(family, points)
        swept, rows, megabytes = measure_sweep(spec)
        difference = float(np.nanmax(abs(rows.endVolts.to_numpy() - np.array(ends))))
        table.add_row(
            f"{count} {family}",
            *(f"{number:.1f}" for number in (*looped, *swept)),
            f"{looped.seconds / swept.seconds:.2f}",
            f"{difference:.1e}",
            f"{megabytes:.0f}",
        )
    Console(width=120).print(table)


def _cpu_seconds() -> float:
    """Return the CPU time of all children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main()
