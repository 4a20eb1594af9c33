"""docs/command-line.md: its commands can be typed, and it has every command, variable and code."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

from batterysim.failure import ExitCode
from batterysim_cli.__main__ import app
from batterysim_cli.commands.exit_status import ExitStatus
from batterysim_cli.lazy_group import CLUSTER_COMMANDS
from batterysim_client.connection import Connection
from tests.unit.cli.builders import EXAMPLES, ROOT
from tests.unit.cli.fake_client import FakeClient, cluster, ended, running, succeeded

__all__ = ["cluster"]  # a fixture

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ batterysim (.*)$", PAGE, re.MULTILINE)
FIRST_CELLS = [line.split("|")[1].strip() for line in PAGE.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_works(
    command: str, cluster: FakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(EXAMPLES)
    done = succeeded("cell-discharge")
    cluster.simulations = {"cell-discharge": done, "a": running("a")}
    cluster.changes = (ended(succeeded("a")), ended(done))
    if command.startswith("submit"):
        cluster.changes = (ended(succeeded("cell-discharge")),)
    words = shlex.split(command.replace("$(batterysim get -o name --phase Failed)", "cell-discharge"))

    result = CliRunner().invoke(app, words)

    assert result.exit_code == 0, result.output
    for file in re.findall(r" -o (\S+\.\w+)", command):
        assert (tmp_path / file).stat().st_size > 0


def test_the_page_has_every_command() -> None:
    assert {re.match(r"`(\w+) ", cell)[1] for cell in FIRST_CELLS if re.match(r"`\w+ [A-Z[]", cell)} == set(  # type: ignore[index]
        CLUSTER_COMMANDS
    )


def test_the_page_has_every_exit_code() -> None:
    assert {int(cell) for cell in FIRST_CELLS if cell.isdecimal()} == {*ExitCode, *ExitStatus}


def test_the_page_has_every_variable() -> None:
    told = {name.lower() for name in re.findall(r"`BATTERYSIM_(\w+)`", PAGE)}

    # A kubeconfig and its context are kubectl's to name.
    assert told == {field.name for field in fields(Connection)} - {"kubeconfig", "context"}
