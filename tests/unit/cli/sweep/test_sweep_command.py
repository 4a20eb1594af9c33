"""batterysim sweep: files, table, JSON and exit codes."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from batterysim import names
from batterysim.failure import ExitCode
from batterysim_cli.manifests.sweeps import RunnableSweep, read_sweeps
from batterysim_cli.sweep import process
from batterysim_cli.sweep.process import SweepError, solve
from tests.builders import Json
from tests.unit.api.sweep.builders import C_RATE, raw_sweep, sweep_of
from tests.unit.cli.builders import batterysim, manifest, write

RATES = {"field": C_RATE, "values": [1, 2]}


def sweep_manifest(*vary: Json, name: str = "rates", **fields: Any) -> Json:
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.SWEEP_KIND,
        "metadata": {"name": name},
        "spec": raw_sweep(*vary, **fields),
    }


def test_a_sweep_leaves_a_table_and_says_how_it_went(tmp_path: Path) -> None:
    temperature = {"field": "cell.ambientTemperatureCelsius", "values": [20, 30]}
    objective = {"metric": "dischargeEnergyWattHours", "goal": "Maximise"}
    swept = sweep_manifest(RATES, temperature, objective=objective, series={"keep": "Best"})
    file = write(tmp_path / "a.yaml", swept, manifest())

    ended = batterysim("sweep", file, "--output", tmp_path / "out", "--csv", "--json", "--jobs", "1")

    (outcome,) = json.loads(ended.stdout)["sweeps"]
    assert ended.returncode == ExitCode.OK
    assert ended.stderr == f"{file}: skipped a BatterySimulation\n"
    assert (outcome["name"], outcome["phase"], outcome["points"], outcome["failed"]) == (
        "rates",
        "Succeeded",
        4,
        0,
    )
    assert [found["point"] for found in outcome["best"]] == [1, 0, 3, 2]
    table = pd.read_parquet(tmp_path / "out" / "rates.parquet")
    assert list(table[C_RATE]) == [1, 1, 2, 2]
    assert list(pd.read_csv(tmp_path / "out" / "rates.csv").endReason) == ["LowerCutOff"] * 4
    assert len(list((tmp_path / "out" / "rates.series").iterdir())) == 4


def test_a_simulation_is_swept_by_an_option(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", manifest())

    ended = batterysim(
        "run",
        file,
        "--output",
        tmp_path,
        "--sweep",
        "spec.protocol.constantCurrent.currentAmperes=1,5",
        "--sweep",
        "spec.model.family=SPM,SPMe",
    )

    assert ended.returncode == ExitCode.OK, ended.stderr
    table = pd.read_parquet(tmp_path / "cell.parquet")
    assert list(table["protocol.constantCurrent.currentAmperes"]) == [1, 1, 5, 5]
    assert list(table["model.family"]) == ["SPM", "SPMe"] * 2
    assert list(table.status) == ["Succeeded"] * 4


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("spec.cell.soc=1", "'cell.soc' is no field of a simulation"),
        ("cell.initialVolts=4", "needs a path that begins with spec and values, as in spec.protocol"),
        ("spec.cell.initialStateOfCharge=0,2", "the point cell.initialStateOfCharge = 2.0 is not valid"),
    ],
)
def test_a_wrong_option_is_rejected(option: str, message: str, tmp_path: Path) -> None:
    ended = batterysim("run", write(tmp_path / "a.yaml", manifest()), "--output", tmp_path, "--sweep", option)

    assert ended.returncode == ExitCode.INVALID_SPEC
    assert message in ended.stderr
    assert not list(tmp_path.glob("*.parquet"))


def test_a_wrong_manifest_is_rejected(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", sweep_manifest({"field": "cell.soc", "values": [1]}))

    ended = batterysim("sweep", file, "--output", tmp_path)

    assert ended.returncode == ExitCode.INVALID_SPEC
    assert "rates: spec.vary.0.field: 'cell.soc' is no field of a simulation" in ended.stderr


def test_a_file_without_a_sweep_is_rejected(tmp_path: Path) -> None:
    ended = batterysim("sweep", write(tmp_path / "a.yaml", manifest()), "--output", tmp_path)

    assert ended.returncode == ExitCode.INVALID_SPEC
    assert "has no BatterySweep in it" in ended.stderr


def test_data_come_from_config_maps_in_the_same_file(tmp_path: Path) -> None:
    config_map = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "lab"},
        "data": {"points.csv": f"{C_RATE}\n1\n2\n", "run1.csv": "0,4.2\n60,4.1"},
    }
    metric = {"name": "rmse", "column": "Voltage [V]", "statistic": "RootMeanSquare"}
    metric["against"] = {"configMapKeyRef": {"name": "lab", "key": "run1.csv"}}  # type: ignore[assignment]
    design = {"table": {"configMapKeyRef": {"name": "lab", "key": "points.csv"}}}
    file = write(tmp_path / "a.yaml", sweep_manifest(design=design, metrics=[metric]), config_map)

    ended = batterysim("sweep", file, "--output", tmp_path)

    assert ended.returncode == ExitCode.OK, ended.stderr
    assert pd.read_parquet(tmp_path / "rates.parquet").rmse.between(0.01, 0.5).all()


def test_failed_points_are_reported_and_in_the_table(tmp_path: Path) -> None:
    csv = "cell.initialStateOfCharge\n1\n1.5\n"
    file = write(tmp_path / "a.yaml", sweep_manifest(design={"table": {"csv": csv}}))

    ended = batterysim("sweep", file, "--output", tmp_path)

    assert ended.returncode == ExitCode.OK
    assert "rates: 1 failed with InvalidSpec" in ended.stderr
    assert "rates: point 1: spec.cell.initialStateOfCharge: must be at most 1, not 1.5" in ended.stderr


@contextmanager
def interrupts_heard() -> Iterator[None]:
    """Have programs that are started now hear interrupts, also where a shell has these tests ignore them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def long_sweep(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A command that has begun to solve more points than anybody waits for."""
    vary = {"field": C_RATE, "range": {"from": 0.5, "to": 2, "points": 50_000}}
    file = write(tmp_path / "a.yaml", sweep_manifest(vary))
    command = [sys.executable, "-m", "batterysim_cli", "sweep", file, "--output", tmp_path, "--json"]
    with interrupts_heard():
        program = subprocess.Popen(command, stdout=subprocess.PIPE)
    with program:
        try:
            while not (tmp_path / "rates.parts" / "sweep.json").exists():
                assert program.poll() is None
                time.sleep(0.05)
            yield program
        finally:
            program.kill()


def test_an_interrupt_leaves_the_points_that_have_ended(
    long_sweep: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    long_sweep.send_signal(signal.SIGINT)
    printed, _ = long_sweep.communicate(timeout=60)

    (outcome,) = json.loads(printed)["sweeps"]
    assert long_sweep.returncode == 130
    assert outcome["phase"] == "Failed"
    assert "interrupted: the table has the" in outcome["failure"]["message"]
    assert len(pd.read_parquet(tmp_path / "rates.parquet")) == outcome["done"] < 50_000


def test_a_command_that_is_killed_leaves_no_process(long_sweep: "subprocess.Popen[bytes]") -> None:
    (child,) = Path(f"/proc/{long_sweep.pid}/task/{long_sweep.pid}/children").read_text("ascii").split()

    long_sweep.kill()
    long_sweep.wait()

    deadline = time.monotonic() + 30
    while _runs(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _runs(process: str) -> bool:
    """Tell whether a process goes on; one that has ended may still have its entry."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text("ascii")
    except OSError:
        return False


def test_a_directory_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "rates.parts").mkdir()
    (tmp_path / "rates.parts" / "mine").touch()

    ended = batterysim("sweep", write(tmp_path / "a.yaml", sweep_manifest(RATES)), "--output", tmp_path)

    assert ended.returncode == ExitCode.CRASHED
    assert "rates.parts is no directory of a sweep, and is in the way of one: move it" in ended.stderr
    assert (tmp_path / "rates.parts" / "mine").exists()


def test_a_point_is_a_simulation_of_its_own(tmp_path: Path) -> None:
    temperature = {"field": "cell.ambientTemperatureCelsius", "values": [20, 30]}
    file = write(tmp_path / "a.yaml", sweep_manifest(RATES, temperature))

    printed = batterysim("sweep", file, "--point", "2")
    simulation = write(tmp_path / "point.yaml", *yaml.safe_load_all(printed.stdout))
    solved = batterysim("run", simulation, "--output", tmp_path, "--no-plot", "--json")
    swept = batterysim("sweep", file, "--output", tmp_path)

    assert (printed.returncode, swept.returncode) == (0, 0)
    (outcome,) = json.loads(solved.stdout)["simulations"]
    row = pd.read_parquet(tmp_path / "rates.parquet").iloc[2]
    assert outcome["name"] == "rates-2"
    assert outcome["summary"]["endTimeSeconds"] == pytest.approx(row.endTimeSeconds, rel=1e-6)


def test_a_point_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = batterysim("sweep", write(tmp_path / "a.yaml", sweep_manifest(RATES)), "--point", "2")

    assert ended.returncode == ExitCode.INVALID_SPEC
    assert "rates has 2 points, counted from 0: there is no 2" in ended.stderr


def test_sweeps_and_simulations_are_validated_alike(tmp_path: Path) -> None:
    wrong = sweep_manifest({"field": "cell.soc", "values": [1]}, name="wrong")
    file = write(tmp_path / "a.yaml", manifest(), sweep_manifest(RATES), wrong)

    ended = batterysim("validate", file)

    assert ended.returncode == ExitCode.INVALID_SPEC
    assert ended.stdout.startswith(
        f"{file}: cell is valid\n{file}: rates is valid\n{file}: wrong is invalid\n"
    )


def test_other_systems_are_told_what_a_sweep_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PLATFORM", "plan9")

    with pytest.raises(SweepError, match="sweeps need Linux"):
        solve(sweep_of(RATES), 1)


def test_validate_looks_at_what_only_a_cluster_limits(tmp_path: Path) -> None:
    rows = "\n".join(f"{rate / 1000:.3f}" for rate in range(1, 110_001))
    table = {"configMapKeyRef": {"name": "lab", "key": "points.csv"}}
    swept = sweep_manifest(design={"table": table}, run={"shards": 2})
    config_map = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "lab"},
        "data": {"points.csv": f"{C_RATE}\n{rows}"},
    }
    file = write(tmp_path / "a.yaml", swept, config_map)

    validated = batterysim("validate", file)

    assert validated.returncode == ExitCode.INVALID_SPEC
    assert "spec.run.shards: 2 shards have more than 50000 points each: use 3 or more" in validated.stdout
    (here,) = read_sweeps([file])
    assert isinstance(here, RunnableSweep)


def test_sweeps_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    first, second = (write(tmp_path / f"{name}.yaml", sweep_manifest(RATES)) for name in "ab")

    ended = batterysim("sweep", first, second, "--output", tmp_path)

    assert ended.returncode == ExitCode.INVALID_SPEC
    assert "'rates' occurs more than once, and results would overwrite each other" in ended.stderr


def test_a_table_that_cannot_be_written_loses_no_point(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", sweep_manifest(RATES))
    (tmp_path / "rates.parquet").mkdir()

    ended = batterysim("sweep", file, "--output", tmp_path)
    (tmp_path / "rates.parquet").rmdir()
    again = batterysim("sweep", file, "--output", tmp_path)

    assert ended.returncode == ExitCode.RESULT_REFUSED
    assert "rates.parquet could not be written: Is a directory" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert again.returncode == ExitCode.OK
    assert list(pd.read_parquet(tmp_path / "rates.parquet").point) == [0, 1]
    assert not (tmp_path / "rates.parts").exists()


def test_too_many_failures_are_a_failure_whichever_point_ends_last(tmp_path: Path) -> None:
    charges = {"field": "cell.initialStateOfCharge", "values": [1.0, 0.0]}
    limits = {"field": "cell.lowerCutoffVolts", "values": [2.6]}
    swept = sweep_manifest(charges, limits, run={"maxFailedPoints": 0})

    ended = batterysim(
        "sweep", write(tmp_path / "a.yaml", swept), "--output", tmp_path, "--jobs", "1", "--json"
    )

    (outcome,) = json.loads(ended.stdout)["sweeps"]
    assert ended.returncode == ExitCode.SOLVER_FAILED
    assert (outcome["done"], outcome["failure"]["reason"]) == (2, "TooManyFailedPoints")


def test_kept_results_are_those_of_the_table(tmp_path: Path) -> None:
    for rates in ([1, 1.5, 2], [1]):
        swept = sweep_manifest({"field": C_RATE, "values": rates}, series={"keep": "All"})
        assert batterysim("sweep", write(tmp_path / "a.yaml", swept), "--output", tmp_path).returncode == 0

    assert [file.name for file in (tmp_path / "rates.series").iterdir()] == ["point-0.parquet"]
