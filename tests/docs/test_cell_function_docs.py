"""docs/cell-functions.md: its examples run, and it has each field."""

import re

import pytest
import yaml

from batterysim.results import EndReason
from batterysim.spec.cell_function import CellFunction
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
from tests.builders import Json, spec_of
from tests.unit.cli.builders import ROOT

PAGE = (ROOT / "docs" / "cell-functions.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["cell"]["parameterSet"])
def test_each_example_runs(example: Json) -> None:
    spec = spec_of(**example, protocol={"constantCurrent": {"cRate": 1, "durationSeconds": 900}})

    assert summarise(solve(spec)).end_reason == EndReason.DURATION_REACHED


@pytest.mark.parametrize("field", [str(field.alias) for field in CellFunction.model_fields.values()])
def test_the_page_has_each_field(field: str) -> None:
    assert f"| `{field}` |" in PAGE
