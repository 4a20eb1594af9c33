"""docs/sweeps.md: its commands, its manifests and its Python do what the page says."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from batterysim.sweep.design import Design
from batterysim.sweep.metric import Metric, Objective
from batterysim.sweep.variation import Variation
from tests.unit.cli.builders import EXAMPLES, ROOT, batterysim

PAGE = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(console|python|yaml)\n(.*?)```", PAGE, re.DOTALL)
SESSIONS = [block for language, block in BLOCKS if language == "console"]
PROGRAMS = [block for language, block in BLOCKS if language == "python"]
MANIFEST, METRICS = [block for language, block in BLOCKS if language == "yaml"]
SECONDS = re.compile(r"│ +[\d.]+ │ +[\d.]+ │$", re.MULTILINE)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "examples").symlink_to(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def words_of(text: str) -> list[str]:
    """Return the words without what differs from run to run: seconds, and the space that they take."""
    return re.sub(r"[┏┳┓┡╇┩└┴┘━─]+", "", SECONDS.sub("", text)).split()


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.splitlines()[0][13:50])
def test_commands_run_and_print_what_the_page_shows(session: str, directory: Path) -> None:
    command, *expected = session.splitlines()

    ended = batterysim(*shlex.split(command)[2:], cwd=directory)

    assert (ended.stderr, ended.returncode) == ("", 0)
    assert ("kind: BatterySimulation" if "--point" in command else "Written: results/") in ended.stdout
    if expected:
        assert words_of(ended.stdout) == words_of("\n".join(expected))


def test_programs_run(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile("\n".join(PROGRAMS), "sweeps.md", "exec"), {})

    printed = capsys.readouterr().out
    assert re.search(r"^25\.0 +5\.\d+ +5\.\d+ +4\.\d+", printed, re.MULTILINE), (
        "the capacities at 0.5C and 1C"
    )
    assert "\nA.h\n" in printed
    first, *_ = re.findall(
        r"^(\S.*?) +(\d\.\d+) +\d\.\d+$", printed[printed.index("firstOrder") :], re.MULTILINE
    )
    assert first[0] == "protocol.constantCurrent.cRate"
    screened, *_ = re.findall(r"^(\S.*?) +\d\.\d+ +-\d\.\d+ ", printed[printed.index("meanAbsolute") :], re.M)
    assert screened == "protocol.constantCurrent.cRate"
    assert re.search(r"^3\.0e-15 m2\.s-1, 0\.\d\d mV$", printed, re.MULTILINE)


def test_the_manifest_is_the_example() -> None:
    example = (EXAMPLES / "sweeps" / "c-rates.yaml").read_text(encoding="utf-8")

    assert yaml.safe_load(MANIFEST) == yaml.safe_load(example)


def test_the_metrics_are_valid() -> None:
    written = yaml.safe_load(METRICS)

    assert [Metric.model_validate(metric).name for metric in written["metrics"]] == [
        "voltsAt600s",
        "meanVolts",
        "rmse",
    ]
    assert Objective.model_validate(written["objective"]).metric == "rmse"


def test_the_page_has_every_design_and_every_kind_of_values() -> None:
    told = set(re.findall(r"^\| `(\w+):", PAGE, re.MULTILINE))

    assert {str(field.alias) for field in Design.model_fields.values()} <= told
    assert {str(field.alias) for field in Variation.model_fields.values()} <= told
