"""The rate of a sweep, compared with a plain loop of PyBaMM over a model that is built once.

PYTHONPATH=hack .venv/bin/python -m bench.sweep [FAMILY POINTS]...

Both vary the same four numbers at the same points, in two processes. The loop keeps only the last voltage of
each point; the sweep is measured as a user sees it, from the start of its process to the written table, with
the compiled equations that the image has. A second table has the CPU time that a bad point costs.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from batterysim.sweep.checks import parse_sweep
from batterysim_runner.compiled.build import build
from batterysim_runner.compiled.library import DIRECTORY_VARIABLE
from batterysim_runner.compiled.shape import CONTROLS, Shape
from batterysim_runner.sweep.design import Points
from batterysim_runner.sweep.environment import ENVIRONMENT

CASES = (("SPM", 1000), ("SPM", 10_000), ("DFN", 1000))
PROCESSES = 2
C_RATE = "protocol.constantCurrent.cRate"
TEMPERATURE = "cell.ambientTemperatureCelsius"
PARAMETERS = ("Positive particle diffusivity [m2.s-1]", "Negative particle diffusivity [m2.s-1]")
SECONDS = 3600.0
COMPILED = Path("out/compiled-for-bench")
BAD_ROWS = (
    "40,25,4e-15,3.3e-14,1",
    "1,-300,4e-15,3.3e-14,1",
    "1,25,4e-15,3.3e-14,0",
    "29,-50,4e-15,3.3e-14,1",
)
"""More than 30C, below the absolute zero, empty at the start, and so cold that the solver gives a DFN up."""


class Took(NamedTuple):
    """Real time, and CPU time of all processes, in s."""

    seconds: float
    cpu_seconds: float


class Looped(NamedTuple):
    """What a loop took, from its start and with models that are built, and its last voltages."""

    whole: Took
    built_seconds: float
    ends: list[float]


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


def loop(family: str, points: list[tuple[float, ...]]) -> tuple[list[float], float]:
    """Solve points one after the other with one model, as a careful user of PyBaMM does.

    Return the last voltages, and the seconds that it took once the model was built.
    """
    import pybamm  # noqa: PLC0415 - its import is part of the time

    values = pybamm.ParameterValues("Chen2020")
    names = ("Current function [A]", "Ambient temperature [K]", "Initial temperature [K]", *PARAMETERS)
    values.update(dict.fromkeys(names, "[input]"))
    model = getattr(pybamm.lithium_ion, family)()
    solver = pybamm.IDAKLUSolver(output_variables=["Voltage [V]"])
    simulation = pybamm.Simulation(model, parameter_values=values, solver=solver)
    times = np.linspace(0, SECONDS, 101)
    simulation.solve([0, SECONDS], t_interp=times, inputs=_inputs(names, points[0]))
    ends = []
    began = time.perf_counter()
    for point in points:
        try:
            solution = simulation.solve([0, SECONDS], t_interp=times, inputs=_inputs(names, point))
        except pybamm.SolverError:
            ends.append(math.nan)
        else:
            ends.append(float(solution["Voltage [V]"].data[-1]))
    return ends, time.perf_counter() - began


def _inputs(names: tuple[str, ...], point: tuple[float, ...]) -> dict[str, float]:
    rate, celsius, *diffusivities = point
    kelvin = celsius + 273.15
    return dict(zip(names, (5 * rate, kelvin, kelvin, *diffusivities), strict=True))


def measure_loop(family: str, points: list[tuple[float, ...]]) -> Looped:
    """Return what the loop took, in new processes."""
    before = _cpu_seconds()
    began = time.perf_counter()
    shares = [points[share::PROCESSES] for share in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        found = list(pool.map(loop, [family] * PROCESSES, shares))
    took = Took(time.perf_counter() - began, _cpu_seconds() - before)
    merged = [0.0] * len(points)
    for share, (ends, _) in enumerate(found):
        merged[share::PROCESSES] = ends
    return Looped(took, max(seconds for _, seconds in found), merged)


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


def bad_point_cpu_seconds(family: str, points: int) -> tuple[float, dict[str, int]]:
    """Return the CPU time that each bad point adds to a sweep with one for ten good ones, and the reasons."""
    spec = sweep_spec(family, points)
    good = [",".join(map(repr, (*values, 1.0))) for values in Points(parse_sweep(spec)).values(0, points)]
    bad = [BAD_ROWS[number % len(BAD_ROWS)] for number in range(points // 10)]
    mixed = [
        row
        for number, row in enumerate(good)
        for row in ((row, bad[number // 10]) if number % 10 == 9 else (row,))
    ]
    heading = ",".join([C_RATE, TEMPERATURE, *PARAMETERS, "cell.initialStateOfCharge"])
    took = []
    for rows in (good, mixed):
        csv = "\n".join([heading, *rows])
        swept, table, _ = measure_sweep({"simulation": spec["simulation"], "design": {"table": {"csv": csv}}})
        took.append(swept.cpu_seconds)
    return (took[1] - took[0]) / len(bad), table.reason.value_counts().to_dict()


def main() -> None:
    """Measure each case, the loop first."""
    os.environ.update(ENVIRONMENT)
    os.environ[DIRECTORY_VARIABLE] = str(COMPILED.absolute())
    wanted = list(zip(sys.argv[1::2], map(int, sys.argv[2::2]), strict=True)) or CASES
    COMPILED.mkdir(parents=True, exist_ok=True)
    shapes = [Shape(family, (), "Chen2020", CONTROLS[0]) for family in {family for family, _ in wanted}]
    build(COMPILED, None, shapes, PROCESSES)
    console = Console(width=120)
    console.print(rates(wanted))
    for family, count in wanted:
        seconds, reasons = bad_point_cpu_seconds(family, min(count, 1000))
        console.print(f"{family}: each bad point costs {seconds:.3f} CPU s ({reasons})")


def rates(cases: Sequence[tuple[str, int]]) -> Table:
    """Return a table of what loops and sweeps took."""
    table = Table(title=f"{PROCESSES} processes", caption="built: without imports and the build of the model")
    for heading in (
        "points",
        "loop s",
        "loop CPU s",
        "built s",
        "sweep s",
        "sweep CPU s",
        "loop/sweep",
        "built/sweep",
        "largest difference V",
        "MB",
    ):
        table.add_column(heading, justify="right")
    for family, count in cases:
        spec = sweep_spec(family, count)
        points: Any = Points(parse_sweep(spec)).values(0, count)
        looped = measure_loop(family, points)
        swept, rows, megabytes = measure_sweep(spec)
        difference = float(np.nanmax(abs(rows.endVolts.to_numpy() - np.array(looped.ends))))
        table.add_row(
            f"{count} {family}",
            *(f"{number:.1f}" for number in (*looped.whole, looped.built_seconds, *swept)),
            f"{looped.whole.seconds / swept.seconds:.2f}",
            f"{looped.built_seconds / swept.seconds:.2f}",
            f"{difference:.1e}",
            f"{megabytes:.0f}",
        )
    return table


def _cpu_seconds() -> float:
    """Return the CPU time of all children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main()
