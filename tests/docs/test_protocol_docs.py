"""docs/protocols.md: each of its examples runs, and each field of each protocol is on the page."""

import re
from pathlib import Path

import pytest
import yaml

from batterysim.spec.protocols.protocol import Protocol
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
from tests.builders import spec_of

PAGE = (Path(__file__).parents[2] / "docs" / "protocols.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.splitlines()[1].strip())
def test_each_example_runs(example: str) -> None:
    spec = spec_of(model={"family": "SPM"}, cell={"initialStateOfCharge": 0.5}, **yaml.safe_load(example))

    summary = summarise(solve(spec))

    assert summary.end_reason in ("DurationReached", "CurrentCutOff", "SweepFinished")


def test_the_program_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    (program,), (printed,) = (
        re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) for language in ("python", "text")
    )

    exec(compile(program, "protocols.md", "exec"), {})

    assert capsys.readouterr().out == printed


@pytest.mark.parametrize("name", [field.alias for field in Protocol.model_fields.values()])
def test_the_page_has_each_protocol(name: str) -> None:
    assert f"`{name}`" in PAGE
