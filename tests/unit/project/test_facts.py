"""Some facts stand once in the code, and are imported everywhere else."""

import ast
from pathlib import Path

import pytest

from batterysim.catalogue import parameter_names

ROOT = Path(__file__).parents[3]
PACKAGES = ("api", "bridge", "cli", "client", "formats", "kube", "operator", "runner")
NAMES = {value for name, value in vars(parameter_names).items() if name.isupper()}


def literals(file: Path) -> set[str]:
    """Return the strings of a module."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_names_of_parameters_stand_once(package: str) -> None:
    files = [file for file in (ROOT / package).rglob("*.py") if file.name != "parameter_names.py"]

    again = {str(file.relative_to(ROOT)): found for file in files if (found := literals(file) & NAMES)}

    assert files
    assert again == {}
