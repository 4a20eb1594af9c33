"""docs/cell-state.md and docs/bpx.md: their examples do what the pages say."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from tests.builders import raw_spec, spec_of
from tests.unit.cli.builders import ROOT, batterysim

PAGES = {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("cell-state.md", "bpx.md")}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGES[page], re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_each_cell_is_valid(page: str) -> None:
    cells = [yaml.safe_load(block)["cell"] for block in blocks(page, "yaml")]

    assert cells
    for cell in cells:
        assert spec_of(**raw_spec() | {"cell": {"parameterSet": None, **cell}})


def test_the_program_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    (program,), (printed,) = blocks("cell-state.md", "python"), blocks("cell-state.md", "text")

    exec(compile(program, "cell-state.md", "exec"), {})

    assert capsys.readouterr().out == printed


def test_the_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    (session,) = blocks("bpx.md", "console")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    command, printed = session.split("\n", 1)

    ended = batterysim(*shlex.split(command)[2:], cwd=tmp_path)

    assert ended.stdout == printed
