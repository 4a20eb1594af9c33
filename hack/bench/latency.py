"""How long from `kubectl apply` to a result that can be read, next to a bare Job that only solves.

Both are run in turn, A B A B .., on the same cluster with the same image, so that the ratio holds when the
machine's speed drifts. Where the time went comes from the timestamps in the simulations' status.
"""

import json
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import yaml
from devtools.kube import Kube, Manifest, Results, forwarded_bridge, has_ended, load_example
from kubernetes import watch
from rich.console import Console
from rich.progress import track
from rich.table import Table

RUNS = 20
OUT = Path("out")
STAGES = (
    ("kubectl apply and admission", "applied", "acceptedTime"),
    ("operator creates the Job", "acceptedTime", "jobCreatedTime"),
    ("pod starts", "jobCreatedTime", "runnerStartedTime"),
    ("imports of the runner", "runnerStartedTime", "solverImportedTime"),
    ("solve", "solverImportedTime", "solvedTime"),
    ("upload", "solvedTime", "resultReceivedTime"),
    ("store", "resultReceivedTime", "resultStoredTime"),
    ("status", "resultStoredTime", "succeededTime"),
    ("seen and read by the user", "succeededTime", "read"),
)
MODEL_CELL = {"parameters": {"Negative electrode thickness [m]": 8.6e-5}}
"""No file of compiled equations has another thickness than its cell's, so PyBaMM builds the equations."""
BARE_SCRIPT = """
import pybamm
parameters = pybamm.ParameterValues("Chen2020")
parameters["Current function [A]"] = 5.0
solution = pybamm.Simulation(pybamm.lithium_ion.DFN(), parameter_values=parameters).solve([0, 3600])
print(solution["Voltage [V]"].entries[-1])
"""


class Run(NamedTuple):
    """A simulation that succeeded."""

    times: dict[str, datetime]
    status_writes: int


def main() -> int:
    """Run the benchmark and return the exit code."""
    console, kube = Console(), Kube()
    image = runner_image(kube, console)
    simulations, models, bare = [], [], []
    with forwarded_bridge() as url:
        results = Results(url, kube.reader_token())
        for _ in track(range(RUNS), "Runs", console=console):
            simulations.append(run_simulation(kube, results))
            models.append(run_simulation(kube, results, MODEL_CELL))
            bare.append(run_bare_job(kube, image))
    stages = {name: [seconds(run, start, end) for run in simulations] for name, start, end in STAGES}
    totals = [seconds(run, "applied", "read") for run in simulations]
    console.print(stage_table(stages))
    rows = {
        "kubectl apply to Succeeded, compiled": [
            seconds(run, "applied", "succeededTime") for run in simulations
        ],
        "kubectl apply to Succeeded, PyBaMM's model": [
            seconds(run, "applied", "succeededTime") for run in models
        ],
        "kubectl apply to result read, compiled": totals,
        "bare Job: apply to pod succeeded": bare,
        "ratio of the last two": [total / job for total, job in zip(totals, bare, strict=True)],
    }
    console.print(total_table(rows))
    writes = [run.status_writes for run in simulations]
    console.print(
        f"writes of a status, compiled: median {statistics.median(writes):g}, at most {max(writes)}"
    )
    OUT.mkdir(exist_ok=True)
    draw(stages, totals, bare, OUT / "bench.png")
    record = {"runs": RUNS, "seconds": rows, "stageSeconds": stages, "statusWrites": writes}
    (OUT / "bench.json").write_text(json.dumps(record, indent=2), encoding="utf-8")
    console.print(f"{OUT / 'bench.png'} and {OUT / 'bench.json'} are written.")
    return 0


def runner_image(kube: Kube, console: Console) -> str:
    """Return the image that the installed operator runs, having run it once so that the node is warm."""
    manifest = load_example("cell-discharge")
    manifest["metadata"]["name"] = "bench-first"
    kube.delete("bench-first")
    kube.create(manifest)
    ended = kube.wait_for_end("bench-first")["bench-first"]
    image = str(ended["status"]["provenance"]["image"])
    kube.delete("bench-first")
    console.print(f"image {image}, PyBaMM {ended['status']['provenance']['pybammVersion']}")
    return image


def run_simulation(kube: Kube, results: Results, cell: Mapping[str, Any] | None = None) -> Run:
    """Apply a simulation with kubectl, wait until its result has been read.

    cell: what is different about its cell.
    """
    manifest = load_example("cell-discharge")
    manifest["spec"]["cell"].update(cell or {})
    name = manifest["metadata"]["name"] = f"bench-{uuid.uuid4().hex[:8]}"
    ended: dict[str, Manifest] = {}
    read: list[datetime] = []
    writes = 0

    def read_at_the_end() -> None:
        nonlocal writes
        with kube.changes(180) as changes:
            for simulation in changes:
                if simulation["metadata"]["name"] != name:
                    continue
                writes += "status" in simulation
                if has_ended(simulation):
                    ended[name] = simulation
                    results.fetch(kube.namespace, name)
                    read.append(datetime.now(UTC))
                    return  # closing the watch takes up to a second, which nobody waits for

    watcher = threading.Thread(target=read_at_the_end)
    watcher.start()
    time.sleep(0.3)  # the watch is there before the object is
    applied = datetime.now(UTC)
    kubectl_apply(manifest)
    watcher.join()
    if not read:
        raise SystemExit(f"{name}: {kube.get(name).get('status')}")
    status = ended[name]["status"]
    solved_from = status["provenance"]["solvedFrom"]
    if solved_from != ("Compiled" if cell is None else "Model"):
        raise SystemExit(f"{name} was solved from {solved_from}")
    kube.delete(name)
    times = {stage: datetime.fromisoformat(text) for stage, text in status["timeline"].items()}
    return Run({**times, "applied": applied, "read": read[0]}, writes)


def run_bare_job(kube: Kube, image: str) -> float:
    """Apply a Job that only solves; return the seconds until its pod is seen to have succeeded."""
    name = f"bare-{uuid.uuid4().hex[:8]}"
    job = bare_job(name, image)
    start = time.monotonic()
    kubectl_apply(job)
    pods = watch.Watch().stream(
        kube.core.list_namespaced_pod,
        kube.namespace,
        label_selector=f"batch.kubernetes.io/job-name={name}",
        timeout_seconds=120,
    )
    with closing(pods):
        phase = next(
            event["object"].status.phase
            for event in pods
            if event["object"].status.phase in ("Succeeded", "Failed")
        )
    elapsed = time.monotonic() - start
    kube.batch.delete_namespaced_job(name, kube.namespace, propagation_policy="Foreground")
    if phase == "Succeeded":
        return elapsed
    raise SystemExit(f"the bare Job {name} has failed")


def bare_job(name: str, image: str) -> Manifest:
    """Return a Job that solves the same discharge in the same image, and does nothing else."""
    container = {"name": "solve", "image": image, "command": ["python", "-c", BARE_SCRIPT]}
    pod = {
        "restartPolicy": "Never",
        "containers": [container],
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"backoffLimit": 0, "template": {"spec": pod}},
    }


def kubectl_apply(manifest: Manifest) -> None:
    """Apply a manifest as a user does."""
    subprocess.run(
        ["kubectl", "apply", "-f", "-"],
        input=yaml.safe_dump(manifest),
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def seconds(run: Run, start: str, end: str) -> float:
    """Return the seconds between two times of a run."""
    return (run.times[end] - run.times[start]).total_seconds()


def stage_table(stages: dict[str, list[float]]) -> Table:
    """Return where the time went."""
    table = Table(title="Where the time went, in seconds", show_footer=True)
    table.add_column("stage", footer="sum of the medians")
    total = sum(statistics.median(values) for values in stages.values())
    table.add_column("median", justify="right", footer=f"{total:.2f}")
    table.add_column("min", justify="right")
    table.add_column("max", justify="right")
    for name, values in stages.items():
        table.add_row(name, f"{statistics.median(values):.2f}", f"{min(values):.2f}", f"{max(values):.2f}")
    return table


def total_table(rows: dict[str, list[float]]) -> Table:
    """Return the totals of each kind of run."""
    table = Table(title=f"{RUNS} runs of each, in turn, in seconds")
    for heading in ("", "median", "min", "max"):
        table.add_column(heading, justify="left" if heading == "" else "right")
    for name, values in rows.items():
        table.add_row(name, f"{statistics.median(values):.2f}", f"{min(values):.2f}", f"{max(values):.2f}")
    return table


def draw(stages: dict[str, list[float]], totals: list[float], bare: list[float], path: Path) -> None:
    """Draw the medians of the stages as one bar, and the bare Job's below it."""
    figure, axes = plt.subplots(figsize=(11, 3.2))
    left = 0.0
    for number, (name, values) in enumerate(stages.items()):
        width = statistics.median(values)
        axes.barh("simulation", width, left=left, label=f"{name} {width:.2f} s", color=f"C{number}")
        left += width
    axes.barh(
        "bare Job", statistics.median(bare), color="0.7", label=f"bare Job {statistics.median(bare):.2f} s"
    )
    axes.set_xlabel("seconds after kubectl apply (medians)")
    axes.set_title(
        f"cold: kubectl apply to result read, median of {len(totals)}: {statistics.median(totals):.2f} s"
    )
    axes.legend(bbox_to_anchor=(1.01, 1), loc="upper left", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    sys.exit(main())
