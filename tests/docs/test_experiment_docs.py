"""docs/experiments.md and its examples are what the runner takes."""

import re
from pathlib import Path
from typing import Any

import pybamm
import pytest
import yaml

from batterysim.checks.validation import parse_spec
from batterysim_runner.experiment.steps import plan_steps
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
REST: dict[str, Any] = {"experiment": {"steps": ["Rest for 1 minute"]}}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: next(iter(block)))
def test_what_the_page_shows_is_understood(block: dict[str, Any]) -> None:
    spec = parse_spec({"cell": {"parameterSet": "Chen2020"}, "protocol": REST} | block)

    assert spec.protocol.experiment is not None
    assert plan_steps(spec, spec.protocol.experiment, pybamm.ParameterValues("Chen2020"))


def test_the_ageing_example_ages() -> None:
    raw = yaml.safe_load((ROOT / "examples" / "ageing.yaml").read_text(encoding="utf-8"))["spec"]
    raw["protocol"]["experiment"]["cycles"] = 3

    trace = solve(parse_spec(raw))

    assert 0.999 < (summarise(trace).state_of_health or 0) < 0.99999
    losses = [c.ageing.loss_of_lithium_inventory_percent or 0 for c in trace.cycles or [] if c.ageing]
    assert 0 < losses[0] < losses[1] < losses[2]
