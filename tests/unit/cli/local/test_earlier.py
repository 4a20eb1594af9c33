"""A simulation here goes on from a result file in its directory."""

from pathlib import Path

import pytest

from batterysim.failure import ExitCode
from batterysim_cli.local.task import Task
from batterysim_cli.local.worker_pool import waves
from batterysim_cli.manifests.files import Runnable
from tests.builders import Json, spec_of
from tests.unit.cli.builders import batterysim, manifest, write
from tests.unit.cli.local.test_run_command import outcomes_of, run_here

GOING_ON: Json = {"parameterSet": "Chen2020", "initialState": {"fromResult": "first"}}


def task(name: str, earlier: str | None = None) -> Task:
    cell = {} if earlier is None else {"initialState": {"fromResult": earlier}}
    return Task(Runnable("a.yaml", name, spec_of(cell=cell)), Path("results"))


def names(tasks: list[Task]) -> list[list[str]]:
    return [[task.name for task in wave] for wave in waves(tasks)]


def test_each_comes_after_the_one_that_it_goes_on_from() -> None:
    chain = [task("c", "b"), task("b", "a"), task("a"), task("alone"), task("other", "elsewhere")]

    assert names(chain) == [["a", "alone", "other"], ["b"], ["c"]]


def test_a_circle_is_not_waited_for() -> None:
    assert names([task("a", "b"), task("b", "a")]) == [["a", "b"]]


def test_both_may_be_in_one_file_in_any_order(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", manifest("second", cell=GOING_ON), manifest("first"))

    result = run_here(file, "--no-plot", "--json", "--output", tmp_path)

    assert result.exit_code == ExitCode.OK
    second, first = outcomes_of(result)
    assert (second["name"], first["name"]) == ("second", "first")
    assert second["summary"]["startStateOfCharge"] == pytest.approx(
        first["summary"]["endStateOfCharge"], abs=1e-6
    )


def test_a_file_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", manifest("second", cell=GOING_ON))

    result = run_here(file, "--no-plot", "--json", "--output", tmp_path)

    assert result.exit_code == ExitCode.INVALID_SPEC
    (outcome,) = outcomes_of(result)
    assert outcome["failure"]["message"].startswith(
        f"spec.cell.initialState.fromResult: {tmp_path}/first.parquet does not exist: run the earlier"
    )


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "first.parquet").write_bytes(b"PAR1 and then nothing")
    file = write(tmp_path / "a.yaml", manifest("second", cell=GOING_ON))

    (outcome,) = outcomes_of(run_here(file, "--no-plot", "--json", "--output", tmp_path))

    assert "must be the Parquet file of a result" in outcome["failure"]["message"]


def test_a_sweep_does_not_go_on_from_a_result(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", manifest("second", cell=GOING_ON))

    ended = batterysim("run", file, "--sweep", "spec.model.family=SPM,SPMe", "--output", tmp_path)

    assert ended.returncode == ExitCode.INVALID_SPEC
    assert "points of a sweep do not go on from an earlier result" in ended.stderr
