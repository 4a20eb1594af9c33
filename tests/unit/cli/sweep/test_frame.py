"""A sweep's table from Python."""

from typing import Any

import pytest

from batterysim import run_sweep
from batterysim.problem import InvalidSpecError
from batterysim.spec.simulation import BatterySimulationSpec
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


def test_words_are_told_from_numbers() -> None:
    with pytest.raises(InvalidSpecError, match=r"the point model.family = SPMM is not valid"):
        run_sweep(BatterySimulationSpec.model_validate(raw_spec(**SPM)), {"model.family": ["SPMM"]})
