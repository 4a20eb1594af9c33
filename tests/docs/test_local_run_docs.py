"""docs/local-run.md: its commands and its Python do what the page says."""

import re
import shlex
from pathlib import Path

import matplotlib as mpl
import pytest

from batterysim.failure import ExitCode
from tests.unit.cli.builders import EXAMPLES, ROOT, batterysim

PAGE = (ROOT / "docs" / "local-run.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(console|python)\n(.*?)```", PAGE, re.DOTALL)
SESSIONS = [block for language, block in BLOCKS if language == "console"]
PROGRAMS = [block for language, block in BLOCKS if language == "python"]
SECONDS = re.compile(r"(│ +\d+\.\d\d ){2}│$", re.MULTILINE)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "examples").symlink_to(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lines_of(text: str) -> list[str]:
    """Return the lines without what differs from run to run: the seconds that it took."""
    return [line.rstrip() for line in SECONDS.sub("", text).splitlines() if line.strip()]


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.splitlines()[0][13:50])
def test_commands_run_and_print_what_the_page_shows(session: str, directory: Path) -> None:
    commands = [line for line in session.splitlines() if line.startswith("$ batterysim ")]
    printed = ""
    for command in commands:
        ended = batterysim(*shlex.split(command)[2:], cwd=directory)
        assert ended.stderr == ""
        printed += f"{command}\n{ended.stdout}"

    assert printed.strip() != "\n".join(commands)
    if session.splitlines() != commands:  # else the page shows the commands alone
        assert lines_of(printed) == lines_of(session)


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_run(program: str, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mpl.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415 - after the backend was chosen

    exec(compile(program, "local-run.md", "exec"), {})

    pyplot.close("all")
    assert capsys.readouterr().out.startswith("DurationReached 0.8333 A.h\n")


def test_the_page_has_every_exit_code_that_can_come_up_here() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}

    # Here nothing is sent, and no child is watched: limits of time are kept between pieces and steps.
    of_pods = {ExitCode.UPLOAD_FAILED, ExitCode.WALL_CLOCK_LIMIT, ExitCode.OUT_OF_MEMORY}
    assert told - {2, 130} == set(ExitCode) - of_pods
