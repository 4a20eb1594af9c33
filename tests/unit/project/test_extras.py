"""Each component can be imported with what its own extra installs, and nothing else.

Developers have all extras in one environment, where a missing one is not noticed.
"""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "batterysim-operator"
PACKAGES = {
    "": ("batterysim", "batterysim_data"),
    "operator": ("batterysim_kube", "batterysim_operator"),
    "bridge": ("batterysim_kube", "batterysim_formats", "batterysim_bridge"),
    "runner": ("batterysim_formats", "batterysim_runner"),
    "client": ("batterysim_client",),
    "cli": ("batterysim_cli",),
}
FOR_SERVERS = {
    "batterysim.checks.judge",
    "batterysim.process.environment",
    "batterysim.process.worker_pool",
    "batterysim.sweep.cluster.judge",
}
"""Of the contract, what operator and bridge have in common. Others have no packages for it."""

IMPORT_ALL = """
import importlib, pkgutil, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is not installed by this extra", name=name)

packages, left_out, blocked = (set(part.split(",")) for part in sys.argv[1:])
sys.meta_path.insert(0, Blocked())
for package in sorted(packages):
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if not module.name.endswith("__main__") and module.name not in left_out:
            importlib.import_module(module.name)
"""


@pytest.mark.parametrize("extra", PACKAGES)
def test_a_component_needs_only_what_its_extra_installs(extra: str) -> None:
    installed = closure(PROJECT, {extra})
    blocked = [
        module
        for module, names in packages_distributions().items()
        if not any(canonicalize_name(name) in installed for name in names)
    ]

    arguments = (",".join(names) for names in (PACKAGES[extra], FOR_SERVERS, blocked))
    found = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *arguments], capture_output=True, text=True, check=False
    )

    assert found.returncode == 0, found.stderr


def closure(name: str, extras: set[str]) -> set[str]:
    """Return the distributions that a distribution with some extras brings, itself included."""
    found: set[str] = set()
    wanted = [(name, frozenset(extras))]
    seen = set()
    while wanted:
        item = wanted.pop()
        if item in seen:
            continue
        seen.add(item)
        name, chosen = item
        found.add(canonicalize_name(name))
        wanted += [
            (needed.name, frozenset(needed.extras))
            for needed in requirements(name)
            if needed.marker is None
            or any(needed.marker.evaluate({"extra": extra}) for extra in (*chosen, ""))
        ]
    return found


def requirements(name: str) -> list[Requirement]:
    """Return what a distribution asks for; nothing for one that is not installed here."""
    try:
        return [Requirement(text) for text in distribution(name).requires or ()]
    except PackageNotFoundError:
        return []
