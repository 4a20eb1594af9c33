"""A sweep's table from Python."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from batterysim import run_sweep
from batterysim.problem import InvalidSpecError
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_cli.sweep import frame
from batterysim_cli.sweep.frame import TooManyFailedPointsError
from batterysim_cli.sweep.process import Solved
from tests.builders import constant_current, raw_spec, spec_of

SPM: dict[str, Any] = {"model": {"family": "SPM"}, "protocol": constant_current(5, 60)}


def test_a_sweep_is_a_table_with_units() -> None:
    table = run_sweep(
        spec_of(**SPM),
        {"cell.ambientTemperatureCelsius": [20, 30], "Positive particle radius [m]": [5e-6, 6e-6]},
        metrics=[{"name": "volts", "column": "Voltage [V]", "atSeconds": 30}],
        jobs=1,
        pointTimeoutSeconds=60,
    )

    assert list(table["Positive particle radius [m]"]) == [5e-6, 6e-6] * 2
    assert table.volts.between(3.9, 4.2).all()
    assert table.attrs["varied"] == ["cell.ambientTemperatureCelsius", "Positive particle radius [m]"]
    units = table.attrs["units"]
    assert [units[name] for name in (*table.attrs["varied"], "volts", "endVolts")] == ["degC", "m", "V", "V"]
    assert table.attrs["design"]["points"] == 4


@pytest.mark.parametrize("form", ["manifest", "dict"])
def test_a_simulation_comes_in_any_form(form: str) -> None:
    spec = raw_spec(**SPM, run={"retries": 1})
    given = {"kind": "BatterySimulation", "spec": spec} if form == "manifest" else spec

    with pytest.raises(InvalidSpecError, match=r"'cell\.soc' is no field of a simulation"):
        run_sweep(given, {"cell.soc": [1]})
    with pytest.raises(InvalidSpecError, match="Chen2020 has no such parameter"):
        run_sweep(given, {"Negative thickness [m]": [1e-4]})


WARMER = {"cell.ambientTemperatureCelsius": [30]}
AGAINST = {"name": "rmse", "column": "Voltage [V]", "statistic": "RootMeanSquare"}
REFERENCE = {"configMapKeyRef": {"name": "lab", "key": "run1.csv"}}


@pytest.mark.parametrize(
    "given",
    [
        {"vary": WARMER, "metrics": [AGAINST | {"against": REFERENCE}]},
        {"design": {"table": REFERENCE}},
    ],
)
def test_what_only_a_cluster_has_is_out_of_reach(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidSpecError, match="is out of reach, because there is no cluster here"):
        run_sweep(spec_of(**SPM), **given)


def test_data_may_be_frames_and_paths(tmp_path: Path) -> None:
    measured = pd.DataFrame({"Time [s]": [0, 30, 60], "Voltage [V]": [4.0, 4.0, 4.0]})
    (tmp_path / "points.csv").write_text("cell.ambientTemperatureCelsius\n20\n30\n", encoding="utf-8")

    table = run_sweep(
        spec_of(**SPM),
        design={"table": {"csv": tmp_path / "points.csv"}},
        metrics=[AGAINST | {"against": {"csv": measured}}],
        jobs=1,
    )

    assert table.rmse.between(0, 0.2).all()


def test_an_interrupt_is_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted = Solved(b"", {}, has_too_many_failures=False, was_interrupted=True)
    monkeypatch.setattr(frame, "solve", lambda *_: interrupted)

    with pytest.raises(KeyboardInterrupt):
        run_sweep(spec_of(**SPM), WARMER)


def test_too_many_failures_raise_and_keep_the_table() -> None:
    with pytest.raises(TooManyFailedPointsError, match=r"maxFailedPoints = 0") as caught:
        run_sweep(
            spec_of(**SPM),
            {"cell.initialStateOfCharge": [1.0, 0.0], "cell.lowerCutoffVolts": [2.6]},
            maxFailedPoints=0,
        )

    assert "Infeasible" in set(caught.value.table.reason)


def test_words_are_told_from_numbers() -> None:
    with pytest.raises(InvalidSpecError, match=r"the point model.family = SPMM is not valid"):
        run_sweep(BatterySimulationSpec.model_validate(raw_spec(**SPM)), {"model.family": ["SPMM"]})


@pytest.mark.parametrize("spec", [None, []])
def test_a_simulation_has_fields(spec: object) -> None:
    with pytest.raises(InvalidSpecError, match=r"spec\.simulation: must be an object with fields"):
        run_sweep({"kind": "BatterySimulation", "spec": spec}, {"cell.ambientTemperatureCelsius": [20]})
