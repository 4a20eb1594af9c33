"""docs/results.md names every column and number, and its examples run."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from pydantic.alias_generators import to_camel

from batterysim.checks.validation import parse_spec
from batterysim.result_format import FILE_FORMATS, ResultFormat
from batterysim.results import DEFAULT_COLUMNS, IMPEDANCE_COLUMNS, EndReason, Summary
from batterysim_formats.bdf import LABELS
from tests.builders import raw_spec
from tests.unit.cli.builders import EXAMPLES, ROOT, batterysim

PAGE = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
TEXT = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
NAMES = set(re.findall(r"`([^`]+)`", TEXT))


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_column_has_its_unit() -> None:
    for column in (*DEFAULT_COLUMNS, *IMPEDANCE_COLUMNS):
        assert f"| `{column.name}` | {column.unit} |" in PAGE


def test_every_number_of_the_summary_is_there_and_no_other() -> None:
    section = PAGE[PAGE.index("## Summary") : PAGE.index("## Formats")]
    rows = re.findall(r"^\| (`.*?) \| ", section, re.MULTILINE)

    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(
        map(to_camel, Summary.model_fields)
    )
    assert all(str(reason) in section for reason in EndReason)


def test_every_format_and_every_word_of_bdf_is_there() -> None:
    assert {f"?format={ResultFormat.PARQUET}", *map(str, FILE_FORMATS)} - {"parquet"} <= NAMES
    assert {label.partition(" / ")[0] for label in LABELS.values()} <= {
        name.partition(" / ")[0] for name in NAMES
    }


def test_the_variables_that_the_page_asks_for_are_there() -> None:
    (block,) = blocks("yaml")

    assert parse_spec(raw_spec(**yaml.safe_load(block))).output.variables[1] == "Total heating [W]"


def test_what_the_page_shows_is_what_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    refusal, formats = blocks("console")
    command, expected = refusal.split("\n", 1)

    assert batterysim(*shlex.split(command)[2:], cwd=tmp_path).stdout == expected
    assert batterysim(*shlex.split(formats)[2:], "--no-plot", cwd=tmp_path).returncode == 0
    printed: list[tuple[object, ...]] = []
    for program in blocks("python"):
        exec(compile(program, "results.md", "exec"), {"print": lambda *told: printed.append(told)})
    assert printed[0] == ("SolverFailed", 2, True)
    assert printed[1] == ("V",)
    assert printed[2][0] == "LowerCutOff"
    assert printed[3] == (True, -5)
