"""All that decides what a compiled simulation is, in one hash: versions, and the source that makes it."""

import hashlib
import json
import os
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

from batterysim.results import DEFAULT_COLUMNS

_RUNNER = Path(__file__).parents[1]
_SOURCES = ("cell", "compiled", "continuation", "model")
_PACKAGES = ("pybamm", "casadi", "pybammsolvers")


def _machine() -> tuple[str, ...]:
    """Return what machine code is for: a kind of processor, and a libc that is no older."""
    name = "CS_GNU_LIBC_VERSION"
    return (platform.machine(), (os.confstr(name) or "") if name in os.confstr_names else "")


@cache
def recipe_sha256() -> str:
    """Return the hash of the recipe of this installation: of a file with another one nothing is known."""
    sources = {
        str(path.relative_to(_RUNNER)): hashlib.sha256(path.read_bytes()).hexdigest()
        for name in _SOURCES
        for path in sorted((_RUNNER / name).glob("*.py"))
    }
    recipe = {
        "versions": {name: version(name) for name in _PACKAGES},
        "machine": _machine(),
        "columns": DEFAULT_COLUMNS,
        "sources": sources,
    }
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
