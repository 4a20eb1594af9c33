"""The pages for newcomers from plain PyBaMM and from the original service say what is so."""

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from batterysim.checks.validation import parse_spec
from batterysim_bridge.job_manager.request import DEFAULTS, SimulationType, read_request
from tests.unit.cli.builders import EXAMPLES, ROOT, batterysim


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def physics_of_request(kind: SimulationType) -> dict[str, Any]:
    request = read_request(kind, b"{}")
    assert request is not None
    return parse_spec(request.spec).physics()


def test_both_sides_of_the_comparison_with_pybamm_give_the_same_numbers() -> None:
    names: dict[str, Any] = {}

    for program in blocks("coming-from-pybamm.md", "python"):
        exec(compile(program, "coming-from-pybamm.md", "exec"), names)

    np.testing.assert_allclose(names["frame"]["Voltage [V]"], names["voltage"], rtol=1e-9)


def test_the_original_services_fields_and_defaults_are_those_of_the_bridge() -> None:
    page = (ROOT / "docs" / "coming-from-the-original-service.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [hVA.]+ \| ([\d.]+) \|", page, re.MULTILINE)

    assert {name: float(default) for name, default in rows} == DEFAULTS


def test_the_example_is_what_the_bridge_makes_of_a_request() -> None:
    example = yaml.safe_load((EXAMPLES / "original-service.yaml").read_text(encoding="utf-8"))
    told = parse_spec(example["spec"]).physics()

    # The original had no temperature; the example names the one that the parameter set has.
    assert isinstance(told["cell"], dict)
    assert told["cell"].pop("ambientTemperatureCelsius") == 25
    assert told == physics_of_request(SimulationType.CELL)


def test_the_drive_cycle_is_what_the_bridge_makes_of_a_request() -> None:
    (block,) = blocks("coming-from-the-original-service.md", "yaml")
    told = parse_spec(yaml.safe_load(block)).physics()

    asked = physics_of_request(SimulationType.DRIVE_CYCLE)
    # A request always names the cut-offs, which are those of the parameter set.
    assert isinstance(asked["cell"], dict)
    assert (asked["cell"].pop("lowerCutoffVolts"), asked["cell"].pop("upperCutoffVolts")) == (2.5, 4.2)
    assert told == asked


def test_the_command_of_the_page_runs(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(EXAMPLES)
    (command,) = blocks("coming-from-the-original-service.md", "console")

    ended = batterysim(*shlex.split(command)[2:], "--no-plot", cwd=tmp_path)

    assert ended.returncode == 0
    assert "original-service" in ended.stdout
