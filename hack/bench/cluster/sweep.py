"""The time of a sweep in a cluster, from its creation to its whole table, and of its points one by one.

PYTHONPATH=hack .venv/bin/python -m bench.cluster.sweep [FAMILY POINTS]...

The sweeps are those of bench.sweep. Their first points are solved once more as a BatterySimulation each, all
created at once, as one does without sweeps. The kubeconfig decides which cluster it is.
"""

import io
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from devtools.kube import Kube, Results, forwarded_bridge, has_ended
from rich.console import Console
from rich.table import Table

from batterysim import names
from batterysim.status import Phase
from batterysim.sweep.checks import parse_sweep
from batterysim.sweep.values import with_values
from batterysim_runner.sweep.design import Points
from bench.sweep import sweep_spec

CASES = (("SPM", 1000), ("DFN", 1000))
ALONE = 100
"""As many of the first points are solved as simulations of their own."""

TIMEOUT_SECONDS = 600
PARALLELISM = 2


class Measured(NamedTuple):
    """Seconds from the creation to the first point, to the status Succeeded, and to the table in hand."""

    first_point: float
    succeeded: float
    table: float
    rows: int
    reasons: Counter[str]

    @property
    def cells(self) -> list[str]:
        """The row of the table that is shown."""
        seconds = (self.first_point, self.succeeded, self.table)
        failed = ", ".join(f"{count} {reason}" for reason, count in self.reasons.items()) or "0"
        rate = f"{self.rows / self.succeeded:.1f}"
        return [*(f"{number:.1f}" for number in seconds), rate, str(self.rows), failed]


def measure(kube: Kube, results: Results, family: str, points: int) -> Measured:
    """Create a sweep, wait for it, fetch its table and delete it."""
    name = f"bench-{family.lower()}-{points}"
    spec = sweep_spec(family, points) | {"run": {"parallelism": PARALLELISM, "shards": PARALLELISM}}
    kube.delete(name)
    began = time.monotonic()
    manifest = {"apiVersion": names.API_VERSION, "kind": names.SWEEP_KIND, "metadata": {"name": name}}
    kube.create({**manifest, "spec": spec})
    first = 0.0
    while not has_ended(found := kube.get(name)):
        if not first and found.get("status", {}).get("progress", {}).get("done", 0):
            first = time.monotonic() - began
        if time.monotonic() - began > TIMEOUT_SECONDS:
            raise TimeoutError(f"{name} has not ended: {found.get('status')}")
        time.sleep(0.2)
    succeeded = time.monotonic() - began
    answer = results.session.get(f"{results.url}{names.points_path(kube.namespace, name)}", timeout=60)
    answer.raise_for_status()
    table = pd.read_parquet(io.BytesIO(answer.content))
    took = time.monotonic() - began
    kube.delete(name)
    kube.wait_until_no_pods()
    reasons = Counter(table.reason.dropna())
    return Measured(first or succeeded, succeeded, took, len(table), reasons)


def measure_alone(kube: Kube, results: Results, family: str, points: int) -> Measured:
    """Create a simulation for each of the first points, wait for all, fetch their results, delete them."""
    sweep = parse_sweep(sweep_spec(family, points))
    design, base = Points(sweep), sweep.simulation.to_json_dict()
    paths = [axis.path for axis in design.axes]
    ended: dict[str, float] = {}
    reasons: Counter[str] = Counter()
    began = time.monotonic()
    created = []
    for values in design.values(0, min(points, ALONE)):
        created.append(f"bench-{uuid.uuid4().hex[:8]}")
        kube.create(
            {
                "apiVersion": names.API_VERSION,
                "kind": names.KIND,
                "metadata": {"name": created[-1]},
                "spec": with_values(base, paths, values),
            }
        )
    with kube.changes(TIMEOUT_SECONDS) as changes:
        for simulation in changes:
            name = simulation["metadata"]["name"]
            if name in created and name not in ended and has_ended(simulation):
                ended[name] = time.monotonic() - began
                if simulation["status"]["phase"] == Phase.SUCCEEDED:
                    results.fetch(kube.namespace, name)
                else:
                    reasons[simulation["status"]["phase"]] += 1
                if len(ended) == len(created):
                    break
    took = time.monotonic() - began
    if len(ended) < len(created):
        raise TimeoutError(f"{len(created) - len(ended)} of {len(created)} simulations have not ended")
    for name in created:
        kube.delete(name)
    kube.wait_until_no_pods()
    return Measured(min(ended.values()), max(ended.values()), took, len(ended), reasons)


def main(arguments: Sequence[str]) -> None:
    """Measure the cases and show them."""
    cases = [(family, int(points)) for family, points in zip(arguments[::2], arguments[1::2], strict=True)]
    shown = Table(title=f"Sweeps in a cluster, {PARALLELISM} pods at a time", title_justify="left")
    for heading in ("points", "first point, s", "succeeded, s", "table, s", "points/s", "rows", "failed"):
        shown.add_column(heading, justify="right")
    kube = Kube("default", names.SWEEP_PLURAL)
    with forwarded_bridge() as url:
        results = Results(url, kube.reader_token())
        for family, points in cases or CASES:
            shown.add_row(f"{points} {family}", *measure(kube, results, family, points).cells)
            alone = measure_alone(Kube("default"), results, family, points)
            shown.add_row(f"{alone.rows} {family}, each by itself", *alone.cells)
    Console().print(shown)


if __name__ == "__main__":
    main(sys.argv[1:])
