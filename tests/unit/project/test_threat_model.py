"""Every test that docs/security.md names is there, and every finding has one."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
TEST = re.compile(r"`(tests/[^`:]+\.py)::(test_[a-z0-9_]+)`")
# There is no L3.
CODES = [
    *(f"H{number}" for number in range(1, 9)),
    *(f"M{number}" for number in range(1, 10)),
    *(f"L{number}" for number in range(1, 15) if number != 3),
    *(f"S{number}" for number in range(1, 6)),
    *(f"D{number}" for number in range(1, 12)),
]


def named_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    functions = (item for item in ast.walk(tree) if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions}


def rows(heading: str) -> list[list[str]]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return [row for row in cells if row[0].strip()]


def test_files_of_the_threat_model_are_there() -> None:
    for file in re.findall(r"`(tests/[^`:]+\.py)", PAGE):
        assert (ROOT / file).exists(), file


def test_each_named_test_is_there() -> None:
    named = TEST.findall(PAGE)

    assert len(named) > 100
    assert [f"{file}::{name}" for file, name in named if name not in named_in(file)] == []


def test_each_finding_has_a_test() -> None:
    findings = [row for row in rows("Findings") if re.fullmatch(r"[HMLSD][0-9]+", row[0])]

    assert [row[0] for row in findings] == CODES
    assert [row[0] for row in findings if not TEST.search(row[2])] == []


def test_each_attack_on_what_was_built_later_has_a_test() -> None:
    attacks = [row for row in rows("Findings") if len(row) == 2][2:]

    assert len(attacks) > 5
    assert all(TEST.search(held_by) for _, held_by in attacks)
