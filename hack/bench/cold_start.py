"""How long `batterysim run` takes from its start to its result, next to a script that only uses PyBaMM.

Both solve the same discharge (DFN) and write the same series to a Parquet file, each in a process of its own,
in turn, A B A B .., so that the ratio holds when the machine's speed drifts: once without a picture, and once
with one, as `batterysim run` does unless told otherwise.

python -m bench.cold_start
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table

RUNS = 10
LIMIT = 1.15
OUT = Path("out")
EXAMPLE = Path("examples/cell-discharge.yaml")
BARE = Path(__file__).with_name("bare_pybamm.py")
ENVIRONMENT = os.environ | {
    "PYBAMM_DISABLE_TELEMETRY": "true",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class Contest(NamedTuple):
    """Two commands that do the same."""

    title: str
    ours: list[str]
    bare: list[str]


def contests(directory: Path) -> tuple[Contest, Contest]:
    """Return what is compared. Files go into the directory."""
    ours = [sys.executable, "-m", "batterysim_cli", "run", str(EXAMPLE), "--output", str(directory)]
    bare = [sys.executable, str(BARE), str(directory / "bare.parquet")]
    return (
        Contest("result", [*ours, "--no-plot"], bare),
        Contest("result and plot", ours, [*bare, str(directory / "bare.png")]),
    )


def main() -> int:
    """Run both contests; return 1 if one of them is lost by more than the limit allows."""
    console, record = Console(), {}
    table = Table(title=f"From a process's start to its end, in seconds: {RUNS} runs of each, in turn")
    for heading in ("", "batterysim run", "bare PyBaMM", "ratio", "from", "to"):
        table.add_column(heading, justify="left" if heading == "" else "right")
    with tempfile.TemporaryDirectory() as name:
        for contest in contests(Path(name)):
            seconds(contest.ours), seconds(contest.bare)  # once each, so that all files are in memory
            pairs = [
                (seconds(contest.ours), seconds(contest.bare))
                for _ in track(range(RUNS), contest.title, console=console, transient=True)
            ]
            ratios = [ours / bare for ours, bare in pairs]
            medians = [statistics.median(values) for values in (*zip(*pairs, strict=True), ratios)]
            table.add_row(contest.title, *(f"{value:.2f}" for value in (*medians, min(ratios), max(ratios))))
            record[contest.title] = {"pairsSeconds": pairs, "medianRatio": medians[-1]}
    console.print(table)
    OUT.mkdir(exist_ok=True)
    (OUT / "bench-cold-start.json").write_text(json.dumps(record, indent=2), encoding="utf-8")
    worst = max(result["medianRatio"] for result in record.values())
    console.print(f"The limit is {LIMIT}: {'kept' if worst <= LIMIT else 'NOT kept'}.")
    return int(worst > LIMIT)


def seconds(command: list[str]) -> float:
    """Return how long a process takes."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
