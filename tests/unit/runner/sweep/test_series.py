"""Results of points that are kept whole."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from batterysim_cli import run
from tests.builders import Json, constant_current
from tests.sweeps import solve_sweep
from tests.unit.api.sweep.builders import raw_sweep

AMPERES = "protocol.constantCurrent.currentAmperes"


def currents(*amperes: float, **fields: Any) -> Json:
    spec = raw_sweep({"field": AMPERES, "values": list(amperes)}, **fields)
    spec["simulation"]["protocol"] = constant_current(5, 60)
    return spec


def test_every_points_result_is_that_of_its_own_simulation(tmp_path: Path) -> None:
    spec = currents(1, 2, 3, series={"keep": "All"})

    solve_sweep(spec, tmp_path)

    files = sorted((tmp_path / "series").iterdir())
    assert [file.name for file in files] == ["point-0.parquet", "point-1.parquet", "point-2.parquet"]
    own = run({**spec["simulation"], "protocol": constant_current(3, 60)}).to_pandas()
    pd.testing.assert_frame_equal(pd.read_parquet(files[2]), own, rtol=1e-6)


def test_the_best_points_results_are_kept(tmp_path: Path) -> None:
    objective = {"metric": "endVolts", "goal": "Maximise"}
    amperes = [1 + number / 10 for number in range(12)]

    swept = solve_sweep(currents(*amperes, series={"keep": "Best"}, objective=objective), tmp_path, workers=2)

    kept = sorted(int(file.stem.removeprefix("point-")) for file in (tmp_path / "series").iterdir())
    assert kept == list(range(10))
    assert len(swept.table) == 12


@pytest.mark.parametrize("series", [{}, {"keep": "None"}])
def test_none_is_kept_unless_it_is_asked_for(series: Json, tmp_path: Path) -> None:
    solve_sweep(currents(1, series=series), tmp_path)

    assert not (tmp_path / "series").exists()
