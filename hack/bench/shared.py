"""Latency and throughput through the Job Manager's paths, next to a service that does what the original did.

Both get the same requests, in turn, on the same machine: one after the other, and several side by side. Jobs
of the same cells are measured from their creation to the stored result. CPU time is what the kubelet counts.

python -m bench.shared [REQUESTS]
"""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import requests
from devtools.kube import Kube
from devtools.node_port import bridge_at_node_port
from rich.console import Console
from rich.table import Table

from batterysim import names
from bench.node_cpu import NODE, NodeCpu

NAMESPACE = "batterysim-shared"
REQUESTS = 40
CONCURRENCIES = (1, 4, 8, 16)
OUT = Path("out")
CELL, DRIVE_CYCLE = "/cell/simulate", "/drivecycle/simulate"


class Round(NamedTuple):
    """Some requests at one concurrency."""

    what: str
    concurrency: int
    seconds: list[float]
    total_seconds: float
    cpu_seconds: dict[str, float]

    @property
    def per_second(self) -> float:
        """Throughput."""
        return len(self.seconds) / self.total_seconds

    @property
    def median(self) -> float:
        """The median of the latencies."""
        return statistics.median(self.seconds)

    def quantile(self, share: float) -> float:
        """Return a quantile of the latencies."""
        ordered = sorted(self.seconds)
        return ordered[min(round(share * len(ordered)), len(ordered) - 1)]


def main(count: int = REQUESTS) -> None:
    """Measure, show and write down."""
    console, kube, rounds = Console(), Kube(NAMESPACE), []
    cpu = NodeCpu(kube)
    cpu.learn_idle()
    with bridge_at_node_port(kube, "job-manager") as bridge, peer() as peer_url:
        ours, theirs = asker(bridge.url), asker(peer_url)
        for ask in (ours, theirs):
            ask(CELL)
            ask(DRIVE_CYCLE)
        for concurrency in CONCURRENCIES:
            for what, ask in (("shared runner", ours), ("service as of old", theirs)):
                number = count if concurrency > 1 else max(count // 4, 5)
                rounds.append(measure(cpu, f"cell, {what}", concurrency, number, lambda a=ask: a(CELL)))
                console.print(line(rounds[-1]))
        for what, ask in (("shared runner", ours), ("service as of old", theirs)):
            for concurrency, number in ((1, 3), (4, 8)):
                rounds.append(
                    measure(cpu, f"US06, {what}", concurrency, number, lambda a=ask: a(DRIVE_CYCLE))
                )
                console.print(line(rounds[-1]))
    with results_seen(kube) as seen:
        for concurrency in CONCURRENCIES:
            number = max(concurrency * 2, 5)
            rounds.append(measure(cpu, "cell, Job", concurrency, number, lambda: run_job(kube, seen)))
            console.print(line(rounds[-1]))
    report(console, rounds)


def asker(url: str) -> Callable[[str], None]:
    """Return what asks for a simulation that nobody has asked for before, until it is answered."""

    def ask(path: str) -> None:
        form = {
            "time": 1.0,
            "upperVoltage": 4.2,
            "lowerVoltage": 2.5,
            "nominalCell": 5.0,
            "controlCurrent": 3.0 + 2 * uuid.uuid4().int / 2**128,
        }
        if path == DRIVE_CYCLE:
            form["upperVoltage"] += uuid.uuid4().int / 2**128 / 100
        kind = "cell" if path == CELL else "driveCycle"
        answer = requests.post(url + path, json={"simulationType": kind, **form}, timeout=120)
        while answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:  # which asks its caller to come again
            time.sleep(float(answer.headers["Retry-After"]))
            answer = requests.post(url + path, json={"simulationType": kind, **form}, timeout=120)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        if not document["jobStarted"]:
            raise SystemExit(f"{url}{path}: no result for {form}")

    return ask


def run_job(kube: Kube, seen: dict[str, threading.Event]) -> None:
    """Create a simulation with a Job of its own, and wait until its result is stored."""
    name = f"bench-{uuid.uuid4().hex[:8]}"
    seen[name] = threading.Event()
    kube.create(
        {
            "apiVersion": names.API_VERSION,
            "kind": names.KIND,
            "metadata": {"name": name, "labels": {"bench": "jobs"}},
            "spec": {
                "cell": {"parameterSet": "Chen2020"},
                "protocol": {
                    "constantCurrent": {
                        "currentAmperes": 3.0 + 2 * uuid.uuid4().int / 2**128,
                        "durationSeconds": 3600,
                    }
                },
            },
        }
    )
    if not seen[name].wait(300):
        raise SystemExit(f"{name} has no result: {kube.get(name).get('status')}")


@contextmanager
def results_seen(kube: Kube) -> Iterator[dict[str, threading.Event]]:
    """Set the event of each simulation whose result is stored; delete them all in the end."""
    seen: dict[str, threading.Event] = {}

    def follow() -> None:
        with kube.changes(3600) as changes:
            for simulation in changes:
                event = seen.get(simulation["metadata"]["name"])
                if event is not None and "results" in simulation.get("status", {}):
                    event.set()

    threading.Thread(target=follow, daemon=True).start()
    try:
        yield seen
    finally:
        kube.objects.delete_collection_namespaced_custom_object(
            names.GROUP, names.VERSION, NAMESPACE, names.PLURAL, label_selector="bench=jobs"
        )


def measure(cpu: NodeCpu, what: str, concurrency: int, count: int, ask: Callable[[], None]) -> Round:
    """Ask count times, concurrency of them at a time."""
    before = cpu.read()

    def timed(_: int) -> float:
        start = time.perf_counter()
        ask()
        return time.perf_counter() - start

    start = time.perf_counter()
    with ThreadPoolExecutor(concurrency) as pool:
        seconds = list(pool.map(timed, range(count)))
    total = time.perf_counter() - start
    return Round(what, concurrency, seconds, total, cpu.spent(before, cpu.read(), 1 / count))


@contextmanager
def peer() -> Iterator[str]:
    """Run the service as of old, in its own process."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "bench.peer_service", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


def line(item: Round) -> str:
    """Return a round in a line."""
    return (
        f"{item.what}, {item.concurrency} at a time: p50 {item.median:.2f} s, "
        f"p95 {item.quantile(0.95):.2f} s, {item.per_second:.2f} per second"
    )


def report(console: Console, rounds: list[Round]) -> None:
    """Show the table, and write figures and picture."""
    table = Table(title="Through the Job Manager's paths, and by a Job")
    for heading in ("", "at a time", "p50 s", "p95 s", "per second", "CPU s of the node, each"):
        table.add_column(heading, justify="left" if not heading else "right")
    for item in rounds:
        numbers = (item.median, item.quantile(0.95), item.per_second, item.cpu_seconds[NODE])
        table.add_row(item.what, str(item.concurrency), *(f"{number:.2f}" for number in numbers))
    console.print(table)
    OUT.mkdir(exist_ok=True)
    draw(rounds, OUT / "bench-shared.png")
    record = [item._asdict() for item in rounds]
    (OUT / "bench-shared.json").write_text(json.dumps(record, indent=2), encoding="utf-8")
    console.print(f"{OUT / 'bench-shared.png'} and {OUT / 'bench-shared.json'} are written.")


def draw(rounds: list[Round], path: Path) -> None:
    """Draw throughput and latency over concurrency."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    for what in dict.fromkeys(item.what for item in rounds if item.what.startswith("cell")):
        of_it = [item for item in rounds if item.what == what]
        at_a_time = [item.concurrency for item in of_it]
        left.plot(at_a_time, [item.per_second for item in of_it], "o-", label=what)
        right.plot(at_a_time, [statistics.median(item.seconds) for item in of_it], "o-", label=what)
    left.set(xlabel="requests at a time", ylabel="cells per second")
    right.set(xlabel="requests at a time", ylabel="median latency [s]", yscale="log")
    left.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
