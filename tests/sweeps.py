"""Sweeps as `batterysim sweep` solves them, for tests that look at their tables."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from batterysim_runner.sweep.environment import ENVIRONMENT
from tests.builders import Json

SWEEP = "batterysim_runner.sweep"


class Swept(NamedTuple):
    """What a sweep has left.

    end: its last words. tally: the last one.
    """

    table: pd.DataFrame
    tally: dict[str, Any]
    end: dict[str, Any]


def solve_sweep(
    spec: Json, directory: Path, *, workers: int = 1, module: str = SWEEP, **variables: str
) -> Swept:
    """Solve a sweep in processes of its own.

    module: what is started. variables: of the environment.
    """
    command = sweep_command(spec, directory, workers, module)
    environment = (
        os.environ | ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | variables
    )
    ended = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    news = [json.loads(line) for line in ended.stdout.splitlines()]
    return Swept(pd.read_parquet(directory / "table.parquet"), news[-2]["tally"], news[-1]["end"])


def sweep_command(spec: Json, directory: Path, workers: int = 1, module: str = SWEEP) -> list[str | Path]:
    """Return the command of a sweep's process, which has its files in a directory."""
    request = directory / "request.json"
    given: Json = {"spec": spec, "workers": workers}
    given |= {name: str(directory / name) for name in ("parts", "series")}
    request.write_text(json.dumps(given), encoding="utf-8")
    return [sys.executable, "-m", module, request, directory / "table.parquet"]
