"""batterysim run: files, table, JSON and exit codes."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from batterysim.failure import ExitCode
from batterysim.results import ResultMetadata
from batterysim_cli import run
from batterysim_cli.__main__ import app
from batterysim_cli.commands.exit_status import ExitStatus
from batterysim_cli.local import task
from tests.builders import constant_current, raw_spec
from tests.unit.cli.builders import EXAMPLES, batterysim, manifest, write


def run_here(*arguments: object) -> Result:
    """Run the command in this process, one simulation after the other: PyBaMM is here already."""
    return CliRunner().invoke(app, ["run", "--jobs", "1", *map(str, arguments)])


def outcomes_of(result: Result) -> list[dict[str, Any]]:
    simulations: list[dict[str, Any]] = json.loads(result.stdout)["simulations"]
    return simulations


def test_a_run_leaves_parquet_csv_and_a_plot_and_shows_a_table(tmp_path: Path) -> None:
    result = run_here(
        EXAMPLES / "cell-discharge.yaml", "--output", tmp_path / "new" / "out", "--format", "csv"
    )

    assert result.exit_code == ExitCode.OK
    files = {path.name: path for path in (tmp_path / "new" / "out").iterdir()}
    assert sorted(files) == ["cell-discharge.csv", "cell-discharge.parquet", "cell-discharge.png"]
    metadata = ResultMetadata.model_validate_json(
        pq.read_schema(files["cell-discharge.parquet"]).metadata[b"batterysim"]
    )
    assert metadata.summary.end_reason == "LowerCutOff"
    pd.testing.assert_frame_equal(
        pd.read_csv(files["cell-discharge.csv"], dtype="float64"),
        pd.read_parquet(files["cell-discharge.parquet"]),
        check_exact=True,
    )
    assert files["cell-discharge.png"].read_bytes().startswith(b"\x89PNG")
    assert (
        "4.9382 │        17.2950 │ 2.500 │   3.1 │     25.0 │ 49.08 │ LowerCutOff │ 3555.5" in result.stdout
    )


def test_a_sweep_in_a_format_that_its_table_does_not_have_is_not_begun(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", manifest())
    option = ("--sweep", "spec.cell.initialStateOfCharge=0.5,1")

    result = run_here(
        file, "--output", tmp_path / "out", *option, "--format", "csv", "--format", "json", "--format", "zip"
    )

    assert result.exit_code == ExitStatus.USAGE
    assert "Invalid value for --format: the table of a --sweep is parquet or csv, not json, zip" in (
        " ".join(result.stderr.replace("│", " ").split())
    )
    assert not (tmp_path / "out").exists()


def test_a_run_that_fails_on_the_way_leaves_its_part_and_is_no_success(tmp_path: Path) -> None:
    spec = raw_spec(
        model={"family": "DFN"},
        cell={"initialStateOfCharge": 1.0},
        protocol=constant_current(100, 3600),
        cutOffPolicy={"lower": "Ignore", "upper": "Ignore"},
        output={"periodSeconds": 1},
    )

    result = run_here(
        write(tmp_path / "a.yaml", manifest("a", **spec)), "--no-plot", "--json", "--output", tmp_path
    )

    assert result.exit_code == ExitCode.SOLVER_FAILED
    (outcome,) = outcomes_of(result)
    assert (outcome["phase"], outcome["failure"]["reason"]) == ("Failed", "SolverFailed")
    assert (outcome["summary"]["endReason"], outcome["summary"]["partial"]) == ("SolverFailed", True)
    assert pd.read_parquet(tmp_path / "a.parquet")["Time [s]"].tolist()[:5] == [0, 1, 2, 3, 4]


def test_every_format_is_written_once(tmp_path: Path) -> None:
    formats = [part for wanted in ("json", "bdf", "zip", "parquet", "bdf") for part in ("--format", wanted)]

    run_here(write(tmp_path / "a.yaml", manifest()), *formats, "--no-plot", "--output", tmp_path / "out")

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "cell.bdf.csv",
        "cell.json",
        "cell.parquet",
        "cell.zip",
    ]
    document = json.loads((tmp_path / "out" / "cell.json").read_text(encoding="utf-8"))
    assert document["metadata"] == {"name": "cell"}
    assert document["summary"]["endReason"] == "DurationReached"
    with zipfile.ZipFile(tmp_path / "out" / "cell.zip") as archive:
        assert archive.read("cell/cell.parquet").startswith(b"PAR1")


def test_a_format_that_is_not_there(tmp_path: Path) -> None:
    result = run_here(write(tmp_path / "a.yaml", manifest()), "--format", "xlsx")

    assert result.exit_code == 2
    assert "'xlsx' is not one of 'parquet', 'csv', 'json', 'bdf', 'zip'" in result.stderr


def test_parquet_alone_when_nothing_else_is_wanted(tmp_path: Path) -> None:
    run_here(write(tmp_path / "a.yaml", manifest("a.b")), "--no-plot", "--output", tmp_path / "out")

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.b.parquet"]


def test_set_changes_every_simulation(tmp_path: Path) -> None:
    file = write(tmp_path / "two.yaml", manifest("a"), manifest("b"))

    result = run_here(
        file,
        *("--set", "spec.protocol.constantCurrent.durationSeconds=30", "--set", "spec.output.points=3"),
        *("--json", "--no-plot", "--output", tmp_path),
    )

    assert [outcome["summary"]["endTimeSeconds"] for outcome in outcomes_of(result)] == [30, 30]
    assert pq.read_metadata(tmp_path / "a.parquet").num_rows == 3


def test_a_set_that_cannot_be_read_runs_nothing(tmp_path: Path) -> None:
    result = run_here(write(tmp_path / "a.yaml", manifest()), "--set", "cell=1", "--output", tmp_path / "out")

    assert result.exit_code == ExitCode.INVALID_SPEC
    assert result.stderr.startswith("batterysim: --set cell: must be a dotted path that begins with spec")
    assert not (tmp_path / "out").exists()


def test_a_set_of_a_field_that_is_not_there_names_it(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", manifest())

    result = run_here(file, "--set", "spec.cell.colour=red", "--output", tmp_path)

    assert result.exit_code == ExitCode.INVALID_SPEC
    assert "spec.cell.colour: unknown field: remove it or correct its spelling" in result.stderr


def test_json_has_everything_in_the_files_order(tmp_path: Path) -> None:
    good, bad = (
        manifest("good"),
        manifest("bad", cell={"parameterSet": "Chen2020", "initialStateOfCharge": 2}),
    )
    files = [write(tmp_path / f"{one['metadata']['name']}.yaml", one) for one in (bad, good)]

    result = run_here(*files, "--json", "--output", tmp_path)

    refused, solved = outcomes_of(result)
    assert (refused["name"], refused["phase"], refused["exitCode"]) == ("bad", "Invalid", 64)
    assert refused["failure"]["reason"] == "InvalidSpec"
    assert "spec.cell.initialStateOfCharge" in refused["failure"]["message"]
    assert (solved["name"], solved["phase"], solved["exitCode"]) == ("good", "Succeeded", 0)
    assert solved["file"] == str(files[1])
    assert solved["outputs"] == [str(tmp_path / "good.parquet"), str(tmp_path / "good.png")]
    assert solved["summary"]["dischargeCapacityAmpereHours"] == pytest.approx(5 / 60)
    assert solved["seconds"]["total"] >= solved["seconds"]["solving"] > 0
    assert result.exit_code == ExitCode.INVALID_SPEC


def test_the_exit_code_is_that_of_the_first_failure(tmp_path: Path) -> None:
    infeasible = manifest("empty", cell={"parameterSet": "Chen2020", "initialStateOfCharge": 0.0})
    invalid = manifest("invalid", model={"family": "DNF"})
    file = write(tmp_path / "a.yaml", manifest("good"), infeasible, invalid)

    result = run_here(file, "--no-plot", "--output", tmp_path)

    assert result.exit_code == ExitCode.INFEASIBLE
    assert "empty: at time 0 the voltage is at or below the lower cut-off of 2.5 V" in result.stderr
    assert "invalid: spec.model.family: " in result.stderr
    assert (tmp_path / "good.parquet").exists()


def test_a_result_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "cell.parquet").mkdir()

    result = run_here(write(tmp_path / "a.yaml", manifest()), "--no-plot", "--output", tmp_path)

    assert result.exit_code == ExitCode.RESULT_REFUSED
    assert f"{tmp_path / 'cell.parquet'} could not be written: Is a directory" in result.stderr


def test_an_output_that_is_a_file(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", manifest())

    result = run_here(file, "--output", file)

    assert result.exit_code == 2
    assert "cannot be created: File exists" in result.stderr


def test_a_defect_of_ours_is_kept_for_who_mends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("oh")

    monkeypatch.setattr(task, "solve_here", broken)

    result = run_here(write(tmp_path / "a.yaml", manifest()), "--output", tmp_path)

    assert result.exit_code == ExitCode.CRASHED
    assert "batterysim has a defect (KeyError: 'oh'); please report it with" in result.stderr
    assert "Traceback" not in result.output
    assert "Traceback" in (tmp_path / "cell.traceback.txt").read_text(encoding="utf-8")


def test_several_files_in_processes_of_their_own_give_the_same_numbers(tmp_path: Path) -> None:
    mixed = write(tmp_path / "mixed.yaml", manifest("a"), {"kind": "Secret"}, manifest("b"))
    bad = tmp_path / "bad.yaml"
    bad.write_text("spec: [", encoding="utf-8")

    ended = batterysim("run", mixed, bad, "--jobs", 2, "--json", "--no-plot", "--output", tmp_path / "out")

    a, b, refused = json.loads(ended.stdout)["simulations"]
    expected = run(raw_spec() | manifest()["spec"]).summary.to_json_dict()
    assert (a["name"], b["name"]) == ("a", "b")
    assert a["summary"] == b["summary"] == expected
    assert (refused["name"], refused["phase"]) == (str(bad), "Invalid")
    assert ended.returncode == ExitCode.INVALID_SPEC
    assert ended.stderr == f"{mixed}: skipped a Secret\n"
