"""A sweep's table from Python."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from batterysim import run_sweep, sobol_indices
from batterysim.problem import InvalidSpecError
from batterysim.spec.simulation import BatterySimulationSpec
from tests.builders import constant_current, raw_spec, spec_of

SPM: dict[str, Any] = {"model": {"family": "SPM"}, "protocol": constant_current(5, 60)}


def ranked(values: np.ndarray[Any, Any], points: int | None = None, kind: str = "saltelli") -> pd.DataFrame:
    table = pd.DataFrame({"point": range(len(values)), "energy": values})
    table.attrs = {"varied": ["a", "b"], "design": {"points": points or len(values), "kind": kind}}
    return table


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


def test_indices_say_how_much_each_explains() -> None:
    generator = np.random.default_rng(1)
    a, b = generator.random((2, 4096, 2)).transpose(0, 2, 1)
    blocks = np.stack([a, np.stack([b[0], a[1]]), np.stack([a[0], b[1]]), b], axis=-1)

    indices = sobol_indices(ranked((3 * blocks[0] + blocks[1]).ravel()), "energy")

    assert list(indices.index) == ["a", "b"]
    assert indices.firstOrder.to_list() == pytest.approx([0.9, 0.1], abs=0.05)


def test_indices_are_refused_where_values_are_missing() -> None:
    values = np.arange(16.0)
    values[[3, 5]] = np.nan

    with pytest.raises(ValueError, match="2 of 16 points have no energy"):
        sobol_indices(ranked(values), "energy")
    with pytest.raises(ValueError, match="4 of 20 points have no energy"):
        sobol_indices(ranked(np.arange(16.0), points=20), "energy")


def test_indices_need_their_own_design() -> None:
    with pytest.raises(ValueError, match="need a sweep with the design saltelli"):
        sobol_indices(ranked(np.arange(16.0), kind="sobol"), "energy")
