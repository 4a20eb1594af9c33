"""Manifests in files, and the command as a user starts it."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

from batterysim import names
from tests.builders import Json, constant_current, raw_spec

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"


def manifest(name: str = "cell", **spec: object) -> Json:
    """Return a manifest: SPM, 5 A for a minute, unless told otherwise."""
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"name": name},
        "spec": raw_spec(model={"family": "SPM"}, protocol=constant_current(5, 60)) | spec,
    }


def write(path: Path, *manifests: object) -> Path:
    """Write manifests into a file, one document each."""
    path.write_text(yaml.safe_dump_all(manifests), encoding="utf-8")
    return path


def batterysim(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "batterysim_cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
        env=os.environ | {"TERM": "dumb"},
    )
