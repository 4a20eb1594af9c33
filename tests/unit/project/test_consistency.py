"""docs/consistency.md names tests for each finding, and they exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "consistency.md").read_text(encoding="utf-8")
NOT_USED = {31, 33}
ROWS = {int(number): row for number, row in re.findall(r"^\| (\d+) \|(.+)$", PAGE, re.M)}
TESTS = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE)))


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions) and node.name.startswith("test_")}


def test_each_finding_has_a_row_with_tests() -> None:
    assert set(ROWS) == set(range(1, 39)) - NOT_USED
    assert [number for number, row in ROWS.items() if "::test_" not in row] == []


@pytest.mark.parametrize("named", TESTS)
def test_each_test_exists(named: str) -> None:
    path, _, test = named.partition("::")

    assert (ROOT / path).exists()
    assert not test or test in names_in(ROOT / path)
