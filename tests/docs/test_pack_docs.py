"""docs/packs.md shows a pack that can be solved, and says what comes out."""

import re
from pathlib import Path

import pytest
import yaml

from batterysim.checks.validation import parse_spec
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
from tests.builders import spec_of

PAGE = (Path(__file__).parents[2] / "docs" / "packs.md").read_text(encoding="utf-8")

BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_ends_as_the_page_says() -> None:
    block, _ = BLOCKS

    summary = summarise(solve(parse_spec(yaml.safe_load(block)["spec"])))

    words = (
        f"`endReason: {summary.end_reason}` and `limitingCell: {summary.limiting_cell}` at "
        f"{summary.end_time_seconds:.0f} s, with the pack at {summary.end_volts:.2f} V"
    )
    assert words in " ".join(PAGE.split())


def test_the_experiment_ends_with_its_last_step() -> None:
    _, block = BLOCKS

    summary = summarise(solve(spec_of(model={"family": "SPM"}, **yaml.safe_load(block))))

    assert summary.end_reason == "StepsFinished"
    assert summary.end_volts == pytest.approx(16.8)
