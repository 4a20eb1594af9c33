"""docs/going-on.md: its program prints what the page shows, and its commands and fields are right."""

import re

import pytest
import yaml

from batterysim.continuation.likeness import CELL_FIELDS
from batterysim.status import WaitReason
from tests.builders import raw_spec, spec_of
from tests.unit.cli.builders import ROOT

PAGE = (ROOT / "docs" / "going-on.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_program_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    (program,), (printed,) = blocks("python"), blocks("text")

    exec(compile(program, "going-on.md", "exec"), {})

    assert capsys.readouterr().out == printed


def test_the_cell_is_that_of_the_example() -> None:
    (block,) = blocks("yaml")
    example = list(yaml.safe_load_all((ROOT / "examples" / "going-on.yaml").read_text(encoding="utf-8")))

    cell = yaml.safe_load(block)["cell"]
    assert cell == example[1]["spec"]["cell"]
    assert cell["initialState"]["fromResult"] == example[0]["metadata"]["name"]
    assert spec_of(**raw_spec() | {"cell": cell})


def test_the_page_names_what_must_be_the_same_and_how_it_waits() -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| `cell`:"))

    assert len(re.findall(r"`(\w+)`", row.split("|")[1])) == len(CELL_FIELDS) + 1
    assert f"`{WaitReason.WAITING_FOR_RESULT}`" in PAGE
