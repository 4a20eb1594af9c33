"""The time of a sweep in a cluster, from its creation to its whole table, and of a point.

PYTHONPATH=hack .venv/bin/python -m bench.cluster.sweep [FAMILY POINTS]...

The sweeps are those of bench.sweep. The kubeconfig decides which cluster it is.
"""

import io
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from devtools.kube import Kube, Results, forwarded_bridge, has_ended
from rich.console import Console
from rich.table import Table

from batterysim import names
from bench.sweep import sweep_spec

CASES = (("SPM", 1000), ("DFN", 1000))
TIMEOUT_SECONDS = 600
PARALLELISM = 2


class Measured(NamedTuple):
    """Seconds from the creation to the first point, to the status Succeeded, and to the table in hand."""

    first_point: float
    succeeded: float
    table: float
    rows: int
    reasons: Counter[str]


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
    reasons = Counter(table.reason.dropna())
    return Measured(first or succeeded, succeeded, took, len(table), reasons)


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
            took = measure(kube, results, family, points)
            shown.add_row(
                f"{points} {family}",
                *(f"{seconds:.1f}" for seconds in (took.first_point, took.succeeded, took.table)),
                f"{points / took.succeeded:.0f}",
                str(took.rows),
                ", ".join(f"{count} {reason}" for reason, count in took.reasons.items()) or "0",
            )
    Console().print(shown)


if __name__ == "__main__":
    main(sys.argv[1:])
