"""docs/models.md: its examples run, and it has each family, field and end."""

import re
from typing import get_args

import pytest
import yaml
from pydantic.alias_generators import to_camel

from batterysim.catalogue.model_options import CIRCUIT, FULL_CELL, model_options
from batterysim.results import EndReason
from batterysim.spec.model import Mesh, Model, ModelFamily, Solver
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
from tests.builders import Json, spec_of
from tests.unit.cli.builders import ROOT

PAGE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
LOW_CURRENT = {"constantCurrent": {"cRate": 0.1, "durationSeconds": 60}}


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: example.get("model", {}).get("family", "mesh")
)
def test_each_example_runs(example: Json) -> None:
    spec = spec_of(
        **example | {"protocol": LOW_CURRENT, "cell": {"parameterSet": "Chen2020", **example.get("cell", {})}}
    )

    assert summarise(solve(spec)).end_reason == EndReason.DURATION_REACHED


def test_the_program_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    (program,), (printed,) = (
        re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) for language in ("python", "text")
    )

    exec(compile(program, "models.md", "exec"), {})

    assert capsys.readouterr().out == printed


@pytest.mark.parametrize("family", get_args(ModelFamily))
def test_the_page_has_each_family(family: str) -> None:
    assert f"| `{family}`" in PAGE


@pytest.mark.parametrize(
    "field", [*Model.model_fields, *Mesh.model_fields, *sorted(set(Solver.model_fields) - {"mesh"})]
)
def test_the_page_has_each_field(field: str) -> None:
    assert re.search(rf"`(model\.|mesh\.)?{to_camel(field)}`", PAGE)


def test_options_and_values_of_the_page_are_pybamms() -> None:
    known = model_options(FULL_CELL) | model_options(CIRCUIT)
    rows = re.findall(
        r"^\| `([^`]+)` \| ([a-z0-9, -]+?)(?:, …)? \|", PAGE.split("## Temperature")[0], re.MULTILINE
    )
    told = {name: values.split(", ") for name, values in rows if name in known}

    assert len(told) == 12
    for name, values in told.items():
        assert set(values) <= set(known[name].values), name
