"""Parts of a table outlive their process: a sweep goes on behind them."""

import os
import subprocess
import time
from pathlib import Path

import pandas as pd
import pytest

from batterysim_runner.sweep.environment import ENVIRONMENT
from batterysim_runner.sweep.parts import Parts, PartsError
from tests.builders import Json, constant_current
from tests.sweeps import solve_sweep, sweep_command
from tests.unit.api.sweep.builders import raw_sweep

POINTS = 1400


def many_points() -> Json:
    spec = raw_sweep(
        {"field": "cell.ambientTemperatureCelsius", "range": {"from": 0, "to": 40, "points": POINTS}},
        objective={"metric": "endVolts", "goal": "Maximise"},
    )
    spec["simulation"]["protocol"] = constant_current(5, 60)
    return spec


def test_a_killed_sweep_goes_on_behind_its_parts(tmp_path: Path) -> None:
    process = subprocess.Popen(
        sweep_command(many_points(), tmp_path), env=os.environ | ENVIRONMENT, stdout=subprocess.DEVNULL
    )
    parts = tmp_path / "parts" / "points" / "shard=0"
    deadline = time.monotonic() + 120
    while not list(parts.glob("*.parquet")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.wait()
    before = pd.read_parquet(tmp_path / "parts" / "points")

    swept = solve_sweep(many_points(), tmp_path)

    assert len(before) >= 1
    assert list(swept.table.point) == list(range(POINTS))
    assert swept.end["isWhole"]
    assert swept.tally["done"] == POINTS
    assert swept.tally["best"][0]["value"] == swept.table.endVolts.max()
    columns = ["point", "endVolts", "dischargedWattHours"]
    kept = swept.table.set_index("point").loc[before.point].reset_index()
    pd.testing.assert_frame_equal(kept[columns], before[columns].reset_index(drop=True), check_exact=True)
    assert not (tmp_path / "parts").exists()


def test_parts_of_another_sweep_are_kept_and_in_the_way(tmp_path: Path) -> None:
    Parts(tmp_path / "parts", {"spec": 1}).add(b"PAR1")

    with pytest.raises(PartsError, match="parts has the points of an unfinished sweep that was another one"):
        Parts(tmp_path / "parts", {"spec": 2})

    assert not Parts(tmp_path / "parts", {"spec": 1}).is_empty


def test_another_sweep_that_has_no_points_yet_is_in_nobodys_way(tmp_path: Path) -> None:
    Parts(tmp_path / "parts", {"spec": 1})

    assert Parts(tmp_path / "parts", {"spec": 2}).is_empty


def test_what_is_not_of_a_sweep_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")

    Parts(tmp_path, {"spec": 1}).remove()

    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("name", ["part-0.parquet.unfinished", "note.parquet"])
def test_what_is_no_part_is_not_read(name: str, tmp_path: Path) -> None:
    parts = Parts(tmp_path, {})
    (tmp_path / "points" / "shard=0" / name).write_bytes(b"half a")

    assert parts.tables() == []
