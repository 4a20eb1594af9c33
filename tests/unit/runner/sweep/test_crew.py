"""Whatever a point does to its process, each point is once in the table, and the others are unharmed."""

from pathlib import Path
from typing import Any

import pandas as pd
from pandas.testing import assert_frame_equal

from tests.builders import Json
from tests.sweeps import solve_sweep
from tests.unit.api.sweep.builders import raw_sweep
from tests.unit.runner.sweep.faulty import CRASHES, CRASHES_ONCE, HANGS

FAULTY = "tests.unit.runner.sweep.faulty"


def at(*temperatures: float, **fields: Any) -> Json:
    """Return a sweep over these temperatures, quick to solve."""
    return raw_sweep({"field": "cell.ambientTemperatureCelsius", "values": list(temperatures)}, **fields)


def test_each_point_is_once_in_the_table_whatever_becomes_of_its_process(tmp_path: Path) -> None:
    temperatures = [20.0, CRASHES, 21.0, CRASHES_ONCE, HANGS, 22.0, 23.0, 24.0]
    spec = at(*temperatures, run={"pointTimeoutSeconds": 5})

    swept = solve_sweep(spec, tmp_path, workers=2, module=FAULTY, MARKER=str(tmp_path / "marker"))

    table = swept.table.set_index("point")
    assert list(table.index) == list(range(8))
    assert list(table["cell.ambientTemperatureCelsius"]) == temperatures
    assert table[table.status == "Failed"].reason.to_dict() == {1: "RunnerCrashed", 4: "WallClockLimit"}
    assert "crashed (SIGSEGV)" in table.message[1]
    assert "did not end within spec.run.pointTimeoutSeconds = 5 s" in table.message[4]
    assert table.endVolts.notna().sum() == 6
    assert swept.end == {"isWhole": True, "tooManyFailures": False}
    assert (swept.tally["done"], swept.tally["failed"]) == (8, 2)


def test_bad_points_change_nothing_about_the_others(tmp_path: Path) -> None:
    rows = ["1,1,2.5", "0.5,1,2.5", "1,1.5,2.5", "60,1,2.5", "1,0,2.6", "2,1,2.5"]
    heading = "protocol.constantCurrent.cRate,cell.initialStateOfCharge,cell.lowerCutoffVolts"
    good = [row for row in rows if row in ("1,1,2.5", "0.5,1,2.5", "2,1,2.5")]

    with_bad, without = (
        solve_sweep(raw_sweep(design={"table": {"csv": "\n".join([heading, *lines])}}), tmp_path).table
        for lines in (rows, good)
    )

    assert list(with_bad.reason.dropna()) == ["InvalidSpec", "InvalidSpec", "Infeasible"]
    assert with_bad.message[2].startswith("spec.cell.initialStateOfCharge: must be at most")
    solved = with_bad[with_bad.status == "Succeeded"].drop(columns="point").reset_index(drop=True)
    assert_frame_equal(solved, without.drop(columns="point"), check_dtype=False, rtol=0, atol=0)


def test_a_tenth_of_bad_points_of_mixed_kinds_changes_none_of_the_others(tmp_path: Path) -> None:
    # Each bad one between good ones: not valid, past a cut-off at the start, crashing, hanging.
    bad = {
        7: ("1", "1.5", "25", "2.5"),
        12: ("40", "1", "25", "2.5"),
        18: ("1", "0", "25", "2.6"),
        25: ("1", "1", str(CRASHES), "2.5"),
        33: ("1", "1", str(HANGS), "2.5"),
    }
    good = [(f"{0.5 + number / 50}", "1", f"{10 + number / 10}", "2.5") for number in range(50)]
    heading = (
        "protocol.constantCurrent.cRate,cell.initialStateOfCharge,cell.ambientTemperatureCelsius,"
        "cell.lowerCutoffVolts"
    )

    def solved(rows: list[tuple[str, ...]]) -> pd.DataFrame:
        csv = "\n".join([heading, *map(",".join, rows)])
        spec = raw_sweep(design={"table": {"csv": csv}}, run={"pointTimeoutSeconds": 5})
        return solve_sweep(spec, tmp_path, module=FAULTY, MARKER=str(tmp_path / "marker")).table

    with_bad = solved([bad.get(number, row) for number, row in enumerate(good)]).set_index("point")
    without = solved(good).set_index("point")

    assert with_bad.reason.dropna().to_dict() == {
        7: "InvalidSpec",
        12: "InvalidSpec",
        18: "Infeasible",
        25: "RunnerCrashed",
        33: "WallClockLimit",
    }
    assert with_bad.message[list(bad)].str.len().min() > 20
    assert_frame_equal(with_bad.drop(bad), without.drop(bad), check_dtype=False, rtol=0, atol=0)


def test_too_many_failures_end_the_sweep(tmp_path: Path) -> None:
    lines = ["cell.initialStateOfCharge", "1", *["1.5"] * 50, "1"]
    spec = raw_sweep(design={"table": {"csv": "\n".join(lines)}}, run={"maxFailedPoints": 3})

    swept = solve_sweep(spec, tmp_path)

    assert swept.end == {"isWhole": False, "tooManyFailures": True}
    assert swept.tally["failed"] == 4


def test_equal_sweeps_have_equal_tables(tmp_path: Path) -> None:
    vary = {"field": "cell.ambientTemperatureCelsius", "range": {"from": 0, "to": 45}}
    spec = raw_sweep(vary, design={"random": {"points": 20, "seed": 7}})

    one, two = (solve_sweep(spec, tmp_path, workers=workers).table for workers in (1, 2))

    assert one.equals(two)
