"""The memory of the process that watches a sweep's points, for few points and for many. Half of them fail.

PYTHONPATH=hack python -m evidence.many_points [POINTS]...

Each number of points is a sweep of its own, solved as a shard's pod solves it: by one child at a time, with
compiled equations, and with parts in a directory in the place of a bridge.
"""

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from batterysim.sweep.checks import parse_sweep
from batterysim_runner.child.memory import status_bytes
from batterysim_runner.compiled.build import build
from batterysim_runner.compiled.library import DIRECTORY_VARIABLE
from batterysim_runner.compiled.shape import CONTROLS, Shape
from batterysim_runner.sweep.environment import ENVIRONMENT

POINTS = (1_000, 100_000)
LOOK_SECONDS = 0.1
HACK = Path(__file__).parents[1]


class Watched(NamedTuple):
    """What became of a sweep, and of the process that watched it.

    rows: how many were stored. distinct: of how many points. failed: of how many of them.
    megabytes: the most that the process had in its memory. cpu_seconds: of the process alone.
    all_megabytes: the most that it and its child had together, where what they share counts once.
    """

    points: int
    rows: int
    distinct: int
    failed: int
    megabytes: float
    all_megabytes: float
    cpu_seconds: float
    seconds: float


def sweep_spec(points: int) -> dict[str, Any]:
    """Return a minute of discharge at many temperatures, of a full cell and of an empty one, which fails."""
    return {
        "simulation": {
            "model": {"family": "SPM"},
            "cell": {"parameterSet": "Chen2020"},
            "protocol": {"constantCurrent": {"currentAmperes": 20, "durationSeconds": 60}},
        },
        "vary": [
            {
                "field": "cell.ambientTemperatureCelsius",
                "range": {"from": 5, "to": 45, "points": points // 2},
            },
            {"field": "cell.initialStateOfCharge", "values": [0.0, 1.0]},
        ],
        "design": {"grid": {}},
    }


def watch(points: int, directory: Path) -> None:
    """Solve a sweep in this process and its children, and print what this process has taken."""
    from batterysim_runner.compiled.library import installed  # noqa: PLC0415 - of the new process
    from batterysim_runner.sweep.design import Points  # noqa: PLC0415 - as above
    from batterysim_runner.sweep.parts import Parts  # noqa: PLC0415 - as above
    from batterysim_runner.sweep.portion import Means, Portion  # noqa: PLC0415 - as above
    from batterysim_runner.sweep.table import SweepTable  # noqa: PLC0415 - as above

    spec = parse_sweep(sweep_spec(points))
    values = Points(spec)
    table = SweepTable(spec, values, with_hash=False)
    parts = Parts(directory, table.about)
    Portion(spec, values, table, range(values.count), parts, Means(installed())).run(workers=1)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    # Not ru_maxrss, in which the process that has started this one counts, too.
    print(json.dumps([status_bytes("VmHWM") / 2**20, usage.ru_utime + usage.ru_stime]))


def watched(points: int, compiled: Path) -> Watched:
    """Return what becomes of a sweep in a process of its own. compiled: where its equations are."""
    import pandas as pd  # noqa: PLC0415 - of the process that compares

    environment = os.environ | ENVIRONMENT | {DIRECTORY_VARIABLE: str(compiled), "PYTHONPATH": str(HACK)}
    most = 0.0
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "evidence.many_points", str(points), directory]
        began = time.monotonic()
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            while process.poll() is None:
                most = max(most, _megabytes_of_all(process.pid))
                time.sleep(LOOK_SECONDS)
            assert process.stdout is not None  # noqa: S101 - asked for
            printed = process.stdout.read()
        if process.returncode:
            raise RuntimeError(f"the sweep ended with {process.returncode}")
        seconds = time.monotonic() - began
        megabytes, cpu_seconds = json.loads(printed.splitlines()[-1])
        rows = pd.read_parquet(Path(directory, "points"), columns=["point", "status"])
    failed = int((rows.status == "Failed").sum())
    return Watched(points, len(rows), rows.point.nunique(), failed, megabytes, most, cpu_seconds, seconds)


def compile_equations(directory: Path) -> None:
    """Compile the equations of the sweeps, as the image has them."""
    build(directory, None, [Shape("SPM", (), "Chen2020", CONTROLS[0])], 1)


def _megabytes_of_all(process: int) -> float:
    """Return the proportional set sizes of a process and its children together."""
    children = Path(f"/proc/{process}/task/{process}/children")
    total = 0.0
    with contextlib.suppress(OSError):  # it has just ended
        for one in (process, *map(int, children.read_text(encoding="ascii").split())):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) / 1024
    return total


def lines(counts: tuple[int, ...]) -> Iterator[str]:
    """Yield a table of what becomes of sweeps of these sizes."""
    yield "| points | rows | of points | failed | its process, MB | with its child, MB | its CPU s | s |"
    yield "|---|---|---|---|---|---|---|---|"
    with tempfile.TemporaryDirectory() as compiled:
        compile_equations(Path(compiled))
        for count in counts:
            found = watched(count, Path(compiled))
            shown = (found.megabytes, found.all_megabytes, found.cpu_seconds, found.seconds)
            counted = (found.points, found.rows, found.distinct, found.failed)
            yield f"| {' | '.join([*map(str, counted), *(f'{number:.0f}' for number in shown)])} |"


if __name__ == "__main__":
    if len(sys.argv) == 3 and not sys.argv[2].isdecimal():
        watch(int(sys.argv[1]), Path(sys.argv[2]))
    else:
        for line in lines(tuple(map(int, sys.argv[1:])) or POINTS):
            print(line, flush=True)
