"""The demo's main job: apply the two examples, follow them, show what came out, keep it under out/."""

import io
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from devtools.kube import Kube, Manifest, Results, forwarded_bridge, has_ended, load_example

EXAMPLES = ("cell-discharge", "us06-drive-cycle")
OUT = Path("out")
TIMEOUT_SECONDS = 300


def main() -> int:
    """Run the demo and return the exit code."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    kube = Kube()
    for name in EXAMPLES:
        kube.delete(name)
        kube.create(load_example(name))
    ended = follow(kube, console)
    OUT.mkdir(exist_ok=True)
    with forwarded_bridge() as url:
        results = Results(url, kube.reader_token())
        succeeded = [name for name in EXAMPLES if ended[name]["status"]["phase"] == "Succeeded"]
        for name in succeeded:
            for kind in ("parquet", "csv", "json"):
                (OUT / f"{name}.{kind}").write_bytes(results.fetch(kube.namespace, name, kind))
    console.print(summary_table(ended))
    if succeeded:
        plot(succeeded, OUT / "demo.png")
    console.print(f"Results and plot are in {OUT}/: {', '.join(sorted(p.name for p in OUT.iterdir()))}")
    console.print("See them in the cluster: kubectl get bsim; kubectl describe bsim cell-discharge")
    return 0 if len(succeeded) == len(EXAMPLES) else 1


def follow(kube: Kube, console: Console) -> dict[str, Manifest]:
    """Show progress until all examples have ended, and return them."""
    ended: dict[str, Manifest] = {}
    columns = (TextColumn("{task.description:<18}"), BarColumn(), TextColumn("{task.fields[state]:<22}"))
    bars = Progress(*columns, TimeElapsedColumn(), console=console)
    with bars as progress, kube.changes(TIMEOUT_SECONDS) as changes:
        tasks = {name: progress.add_task(name, total=100, state="") for name in EXAMPLES}
        for simulation in changes:
            name, status = simulation["metadata"]["name"], simulation.get("status", {})
            if name not in tasks:
                continue
            done = status.get("progress", {"percent": 0, "stage": ""})
            running = status.get("phase") == "Running"
            state = f"{status.get('phase', 'Created')} {done['stage'] if running else ''}"
            progress.update(tasks[name], completed=done["percent"], state=state)
            if has_ended(simulation):
                progress.stop_task(tasks[name])
                ended[name] = simulation
            if len(ended) == len(EXAMPLES):
                return ended
    raise SystemExit(f"not ended after {TIMEOUT_SECONDS} s; see: kubectl describe bsim")


def summary_table(ended: dict[str, Manifest]) -> Table:
    """Return what came out, as a table."""
    table = Table(title="Battery simulations")
    for heading in (
        "",
        "net charge A.h",
        "net energy W.h",
        "end V",
        "ended by",
        "at s",
        "import s",
        "solve s",
        "total s",
    ):
        table.add_column(heading, justify="left" if heading in ("", "ended by") else "right")
    for name in EXAMPLES:
        status = ended[name]["status"]
        if status["phase"] != "Succeeded":
            table.add_row(name, status["phase"], status["failure"]["reason"], status["failure"]["message"])
            continue
        summary, timeline = status["summary"], status["timeline"]
        table.add_row(
            name,
            f"{summary['dischargeCapacityAmpereHours']:.4f}",
            f"{summary['dischargeEnergyWattHours']:.4f}",
            f"{summary['endVolts']:.3f}",
            summary["endReason"],
            f"{summary['endTimeSeconds']:.1f}",
            f"{seconds(timeline, 'runnerStartedTime', 'solverImportedTime'):.2f}",
            f"{seconds(timeline, 'solverImportedTime', 'solvedTime'):.2f}",
            f"{seconds(timeline, 'acceptedTime', 'succeededTime'):.2f}",
        )
    return table


def seconds(timeline: dict[str, Any], start: str, end: str) -> float:
    """Return the seconds between two stages."""
    return (datetime.fromisoformat(timeline[end]) - datetime.fromisoformat(timeline[start])).total_seconds()


def plot(succeeded: list[str], path: Path) -> None:
    """Draw voltage and current against time, a column for each simulation."""
    figure, axes = plt.subplots(
        2, len(succeeded), figsize=(6 * len(succeeded), 6), sharex="col", squeeze=False
    )
    for column, name in enumerate(succeeded):
        table = pq.read_table(io.BytesIO((OUT / f"{name}.parquet").read_bytes()))
        time = table["Time [s]"].to_numpy()
        for row, series in enumerate(("Voltage [V]", "Current [A]")):
            axes[row, column].plot(time, table[series].to_numpy(), color=f"C{row}")
            axes[row, column].set_ylabel(series)
            axes[row, column].grid(alpha=0.3)
        axes[0, column].set_title(name)
        axes[1, column].set_xlabel("Time [s]")
    figure.text(0.01, 0.005, "positive current discharges", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    sys.exit(main())
