"""Sweeps on a real cluster: their manifests, and their tables as the bridge has them."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from devtools.kube import Kube, Manifest, Results

from batterysim import names


def sweep(name: str, csv: str, **run: Any) -> Manifest:
    """Return a sweep of an SPM over points that are written down."""
    return _manifest(name, {"design": {"table": {"csv": csv}}}, run)


def grid(name: str, values: Mapping[str, Sequence[float]], **run: Any) -> Manifest:
    """Return a sweep of an SPM over every value of each field with every other."""
    vary = [{"field": field, "values": [*wanted]} for field, wanted in values.items()]
    return _manifest(name, {"vary": vary, "design": {"grid": {}}}, run)


def _manifest(name: str, points: Mapping[str, Any], run: Mapping[str, Any]) -> Manifest:
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.SWEEP_KIND,
        "metadata": {"name": name},
        "spec": {
            "simulation": {
                "model": {"family": "SPM"},
                "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 1.0},
                "protocol": {"constantCurrent": {"cRate": 1, "durationSeconds": 7200}},
            },
            **points,
            "objective": {"metric": "dischargeEnergyWattHours", "goal": "Maximise"},
            "run": {**run},
        },
    }


def many_rates(points: int) -> str:
    """Return points between 0.5 and 1.5 C, all of which can be solved."""
    rows = [f"{0.5 + number / points}" for number in range(points)]
    return "\n".join(["protocol.constantCurrent.cRate", *rows])


def table_of(results: Results, namespace: str, name: str) -> pd.DataFrame:
    """Return a sweep's table, as far as it is stored."""
    answer = results.session.get(f"{results.url}{names.points_path(namespace, name)}", timeout=60)
    answer.raise_for_status()
    return pd.read_parquet(io.BytesIO(answer.content))


def progress(sweeps: Kube, name: str) -> dict[str, Any]:
    """Return how far a sweep is."""
    found: dict[str, Any] = sweeps.get(name).get("status", {}).get("progress", {})
    return found
