"""How much CPU time a runner's process costs from its start to the uploaded result, without a cluster.

Each process solves one simulation and brings the result to a bridge on this machine, as in a pod. CPU time is
that of the process alone, as the kernel counts it, so that other work on the machine disturbs it little.

python -m bench.pod_cpu [RUNS]
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from devtools.quiet_bridge import quiet_bridge
from rich.console import Console
from rich.progress import track
from rich.table import Table

RUNS = 5
OUT = Path("out")
DISCHARGE = {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3600}}
FINE_MESH = {
    "negativeElectrodePoints": 30,
    "separatorPoints": 30,
    "positiveElectrodePoints": 30,
    "negativeParticlePoints": 10,
    "positiveParticlePoints": 10,
}
"""The Job Manager's, for drive cycles."""

ENVIRONMENT = {
    "PYBAMM_DISABLE_TELEMETRY": "true",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""As in the runner's image."""


class Cost(NamedTuple):
    """What a process took."""

    cpu_seconds: float
    peak_megabytes: float


def spec(family: str, protocol: Any, options: Any = None, **cell: Any) -> dict[str, Any]:
    """Return a spec of the cell Chen2020."""
    model = {"family": family} | ({"options": options} if options else {})
    return {"model": model, "cell": {"parameterSet": "Chen2020", **cell}, "protocol": protocol}


SPECS = {
    "SPM, 1 h at 1C": spec("SPM", DISCHARGE),
    "DFN, 1 h at 1C": spec("DFN", DISCHARGE),
    "DFN, 1 h at 1C from 90 %": spec("DFN", DISCHARGE, initialStateOfCharge=0.9),
    "DFN, 1 h at 15 W": spec("DFN", {"constantPower": {"powerWatts": 15, "durationSeconds": 3600}}),
    "DFN, US06, the Job Manager's mesh": spec(
        "DFN", {"driveCycle": {"name": "US06"}}, initialStateOfCharge=0.8
    )
    | {"solver": {"mesh": FINE_MESH}},
    "DFN with a film (SEI), 1 h at 1C": spec("DFN", DISCHARGE, {"SEI": "constant"}),
    "DFN, experiment of two steps": spec(
        "DFN", {"experiment": {"steps": ["Discharge at 1C for 10 minutes", "Rest for 10 minutes"]}}
    ),
}


def main(runs: int = RUNS) -> None:
    """Run each simulation several times, and show the medians."""
    console, record = Console(), {}
    table = Table(title=f"A runner's process, from its start to the uploaded result: medians of {runs}")
    for heading in ("", "CPU s", "lowest", "peak MB"):
        table.add_column(heading, justify="left" if heading == "" else "right")
    for name, simulation in SPECS.items():
        costs = [run(simulation) for _ in track(range(runs + 1), name, console=console, transient=True)][1:]
        seconds = [cost.cpu_seconds for cost in costs]
        megabytes = statistics.median(cost.peak_megabytes for cost in costs)
        table.add_row(name, f"{statistics.median(seconds):.2f}", f"{min(seconds):.2f}", f"{megabytes:.0f}")
        record[name] = {"cpuSeconds": seconds, "peakMegabytes": megabytes}
    console.print(table)
    OUT.mkdir(exist_ok=True)
    (OUT / "bench-pod-cpu.json").write_text(json.dumps(record, indent=2), encoding="utf-8")


def run(simulation: dict[str, Any]) -> Cost:
    """Run one simulation in a process of its own.

    Raises:
        RuntimeError: it failed; its own words are on standard error.
    """
    with tempfile.TemporaryDirectory() as name, quiet_bridge() as url:
        directory = Path(name)
        (directory / "spec.json").write_text(json.dumps(simulation), encoding="utf-8")
        (directory / "token").write_text("a-token", encoding="utf-8")
        inputs = {
            "BATTERYSIM_NAMESPACE": "bench",
            "BATTERYSIM_NAME": "cell",
            "BATTERYSIM_BRIDGE_URL": url,
            "BATTERYSIM_IMAGE": "none",
            "BATTERYSIM_POD_NAME": "none",
            "BATTERYSIM_INPUT_DIR": name,
            "BATTERYSIM_TERMINATION_LOG": str(directory / "termination-log"),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "batterysim_runner"],
            env=os.environ | ENVIRONMENT | inputs,
            stdout=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"the runner ended with {process.returncode}")
        return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
