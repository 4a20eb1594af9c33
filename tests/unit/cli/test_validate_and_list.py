"""What needs no solver: batterysim validate and batterysim list."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from batterysim.failure import ExitCode
from batterysim_cli.__main__ import app
from batterysim_cli.commands.listing import MODEL_DESCRIPTIONS, MODELS
from tests.unit.cli.builders import EXAMPLES, manifest, write

HALF_CELL = ["an", "electrode", "against", "lithium", "metal"]
LGM50 = ["LG", "Chem", "INR21700-M50,", "on", "Chen2020"]
SLOW_TO_IMPORT = ("pybamm", "pandas", "numpy", "pyarrow", "matplotlib", "batterysim_runner")


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_a_good_file() -> None:
    result = invoke("validate", EXAMPLES / "cell-discharge.yaml")

    assert result.exit_code == ExitCode.OK
    assert result.stdout == f"{EXAMPLES / 'cell-discharge.yaml'}: cell-discharge is valid\n"


def test_every_problem_is_told_with_its_field_and_what_to_do(tmp_path: Path) -> None:
    cell = {
        "parameterSet": "Chen2020",
        "parameters": {"Contact resistence [Ohm]": 1, "Current function [A]": 1},
    }
    good, bad = (
        write(tmp_path / "good.yaml", manifest("a")),
        write(tmp_path / "bad.yaml", manifest("b", cell=cell)),
    )

    result = invoke("validate", bad, good)

    assert result.exit_code == ExitCode.INVALID_SPEC
    lines = result.stdout.splitlines()
    assert lines[0] == f"{bad}: b is invalid"
    assert lines[1].startswith(
        "  spec.cell.parameters['Contact resistence [Ohm]']: Chen2020 has no such parameter; "
        "use 'Contact resistance [Ohm]'"
    )
    assert lines[2] == (
        "  spec.cell.parameters['Current function [A]']: set spec.protocol instead and remove this"
    )
    assert lines[3] == f"{good}: a is valid"


@pytest.mark.parametrize("command", ["validate", "run"])
def test_a_file_that_is_not_there_is_no_invalid_spec(tmp_path: Path, command: str) -> None:
    """Nothing is begun with the other files either."""
    good = write(tmp_path / "good.yaml", manifest("a"))

    result = invoke(command, good, tmp_path / "absent.yaml")

    assert result.exit_code == 74
    assert result.stdout == ""
    assert result.stderr == (
        f"batterysim: {tmp_path / 'absent.yaml'} cannot be read: No such file or directory\n"
    )


def test_set_is_checked_too(tmp_path: Path) -> None:
    result = invoke("validate", write(tmp_path / "a.yaml", manifest()), "--set", "spec.model.family=DNF")

    assert result.exit_code == ExitCode.INVALID_SPEC
    assert " is unknown: choose " in result.stdout


@pytest.mark.parametrize(
    ("topic", "row"),
    [
        ("models", ["SPMe", "single", "particle", "with", "electrolyte"]),
        ("cells", ["parameterSet", "Xu2019", "0.0024", "3.5", "4.2", *HALF_CELL]),
        ("cells", ["preset", "LGM50", "5", "2.5", "4.2", *LGM50]),
        ("cycles", ["US06", "600", "601", "-4.2071", "8.1", "A"]),
        ("variables", ["Voltage", "[V]", "V", "always", "in", "the", "result"]),
        ("variables", ["X-averaged", "cell", "temperature", "[C]", "degC"]),
        ("parameters", ["Electrode", "height", "[m]", "0.065"]),
        ("parameters", ["Electrolyte", "diffusivity", "[m2.s-1]", "function"]),
        ("parameters", ["Upper", "voltage", "cut-off", "[V]", "4.2", "spec.cell.upperCutoffVolts"]),
    ],
)
def test_lists(topic: str, row: list[str]) -> None:
    result = invoke("list", topic)

    assert result.exit_code == ExitCode.OK
    assert row in [line.split() for line in result.stdout.splitlines()]


def test_variables_are_those_of_one_model_and_can_be_looked_for() -> None:
    result = invoke("list", "variables", "--model", "Thevenin", "--filter", "overPOT")

    assert [line.split()[0] for line in result.stdout.splitlines()[:5]] == [
        "spec.output.variables",
        "Diffusion",
        "Element-0",
        "Element-1",
        "Overpotential",
    ]


def test_variables_of_a_model_that_is_not_there() -> None:
    result = invoke("list", "variables", "--model", "DNF")

    assert result.exit_code == 2
    assert "--model: 'DNF' is not one of" in result.stderr


def test_every_model_has_a_description() -> None:
    assert set(MODEL_DESCRIPTIONS) == set(MODELS)


def test_parameters_of_a_set_that_is_not_there() -> None:
    result = invoke("list", "parameters", "--parameter-set", "Chan2020")

    assert result.exit_code == 2
    assert "--parameter-set: 'Chan2020' is not one of" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [["validate", str(EXAMPLES / "cell-discharge.yaml")], ["list", "parameters"], ["run", "--help"]],
)
def test_nothing_slow_is_imported(arguments: list[str]) -> None:
    code = (
        "import json, sys\n"
        "from batterysim_cli.__main__ import app\n"
        "app(sys.argv[1:], standalone_mode=False)\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=True
    )

    modules = json.loads(ended.stdout.splitlines()[-1])
    assert "batterysim_cli.manifests.files" in modules
    assert {name.partition(".")[0] for name in modules}.isdisjoint(SLOW_TO_IMPORT)
