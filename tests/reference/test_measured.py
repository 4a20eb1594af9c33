"""Errors against measured data are those that plain numpy finds, with every protocol."""

from typing import Any

import numpy as np
import pandas as pd
import pybamm
import pytest

import batterysim
from batterysim.results import CURRENT, TIME, VOLTAGE, Summary
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.compiled.library import installed
from batterysim_runner.engine import prepare
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from tests.builders import Json, constant_current, raw_spec, spec_of, us06

SECONDS = np.array([0.0, 7.3, 60.0, 111.1, 250.0, 599.9, 600.0])
VOLTS = np.array([4.05, 4.0, 3.98, 3.97, 3.95, 3.9, 3.9])
STEPS: list[Json] = [
    {"cRate": 1, "durationSeconds": 300},
    {"rest": True, "durationSeconds": 100},
    {"cRate": -0.5, "durationSeconds": 400},
]
PROTOCOLS: dict[str, Json] = {
    "constant current": constant_current(5, 1200),
    "drive cycle": us06(),
    "hold": {"constantVoltage": {"volts": 4.0, "durationSeconds": 700}},
    "experiment": {"experiment": {"structuredSteps": STEPS}},
}


def csv(seconds: np.ndarray[Any, Any] = SECONDS, values: np.ndarray[Any, Any] = VOLTS) -> str:
    return pd.DataFrame({"Time [s]": seconds, "Voltage [V]": values}).to_csv(index=False)


def compared(**fields: Any) -> BatterySimulationSpec:
    output = {"measured": [{"csv": csv()}], **fields.pop("output", {})}
    return spec_of(model={"family": "SPM"}, cell={"initialStateOfCharge": 0.8}, output=output, **fields)


def run(spec: BatterySimulationSpec) -> tuple[Trace, Summary]:
    trace = prepare(spec, installed(), own_process=False).solve()
    return trace, summarise(trace)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("output", [{}, {"periodSeconds": 50}], ids=["own points", "period"])
def test_the_errors_are_those_of_numpy(protocol: str, output: Json) -> None:
    trace, summary = run(compared(protocol=PROTOCOLS[protocol], output=output))

    plain, _ = run(
        spec_of(model={"family": "SPM"}, cell={"initialStateOfCharge": 0.8}, protocol=PROTOCOLS[protocol])
    )
    values = trace.values
    assert set(SECONDS) <= set(values[TIME.name]), "the solver gives the voltage at each row of the data"
    simulated = values[VOLTAGE.name][np.searchsorted(values[TIME.name], SECONDS)]
    residual = simulated - VOLTS
    assert summary.rms_error_volts == pytest.approx(np.sqrt(np.mean(residual**2)), rel=1e-9)
    assert summary.max_error_volts == pytest.approx(np.max(np.abs(residual)), rel=1e-9)
    assert summary.end_volts == pytest.approx(plain.values[VOLTAGE.name][-1], rel=1e-9)
    assert summary.comparison is not None
    assert summary.comparison.startswith("Voltage: 7 of 7 rows compared, from 0 to 600 s")


def test_the_voltage_at_the_rows_is_pybamms() -> None:
    values = pybamm.ParameterValues("Chen2020")
    values["Current function [A]"] = 5.0
    alone = pybamm.Simulation(pybamm.lithium_ion.SPM(), parameter_values=values)
    volts = alone.solve([0, 1200], t_interp=np.append(SECONDS, 1200.0))["Voltage [V]"].entries[:-1]

    _, summary = run(
        spec_of(
            model={"family": "SPM"},
            protocol=constant_current(5, 1200),
            output={"measured": [{"csv": csv(values=volts + 0.01)}]},
        )
    )

    assert summary.rms_error_volts == pytest.approx(0.01, abs=1e-9)
    assert summary.max_error_volts == pytest.approx(0.01, abs=1e-9)


def test_the_result_has_the_rows_of_the_data_and_their_residuals() -> None:
    trace, _ = run(compared(protocol=constant_current(5, 1200)))

    series = trace.output()
    assert [column.name for column in trace.columns][-2:] == ["Measured voltage [V]", "Voltage residual [V]"]
    there = np.isin(series[TIME.name], SECONDS)
    np.testing.assert_array_equal(series["Measured voltage [V]"][there], VOLTS)
    after = series[TIME.name] > SECONDS[-1]
    assert np.isnan(series["Measured voltage [V]"][after]).all(), "data are not extrapolated"
    residual = series["Voltage [V]"] - series["Measured voltage [V]"]
    np.testing.assert_array_equal(series["Voltage residual [V]"], residual)


def test_chosen_points_stay_as_they_are() -> None:
    trace, _ = run(compared(protocol=constant_current(5, 1200), output={"points": 13}))

    np.testing.assert_array_equal(trace.output()[TIME.name], np.linspace(0, 1200, 13))


def test_a_run_that_ends_before_the_data_is_compared_until_then() -> None:
    data = csv(np.array([0.0, 600.0, 36000.0]), np.array([4.0, 3.9, 3.0]))

    _, summary = run(
        spec_of(
            model={"family": "SPM"},
            protocol=constant_current(5, 36000),
            output={"measured": [{"csv": data}]},
        )
    )

    assert summary.end_reason == "LowerCutOff"
    assert summary.comparison is not None
    assert summary.comparison.startswith("Voltage: 2 of 3 rows compared, from 0 to 600 s; the run ended at 3")
    assert summary.comparison.endswith("before the data, which end at 36000 s")


def test_compiled_equations_are_compared_alike() -> None:
    spec = compared(protocol=constant_current(5, 1200))

    by_model = prepare(spec, installed(), own_process=False)
    _, summary = run(spec)

    assert summarise(by_model.solve()).rms_error_volts == pytest.approx(summary.rms_error_volts, rel=1e-6)


def test_current_and_temperature_have_their_signs_and_units() -> None:
    bdf = "Test Time / s,Voltage / V,Current / A,Cell Temperature / degC\n0,4.1,-5,25\n600,3.9,-4.9,26\n"
    measured = [{"quantity": quantity, "csv": bdf} for quantity in ("Current", "Temperature")]

    trace, summary = run(
        spec_of(model={"family": "SPM"}, protocol=constant_current(5, 600), output={"measured": measured})
    )

    assert trace.values[CURRENT.name][-1] == 5
    assert summary.max_error_amperes == pytest.approx(0.1)
    assert summary.rms_error_amperes == pytest.approx(0.1 / np.sqrt(2))
    assert summary.max_error_kelvins == pytest.approx(1)
    assert summary.rms_error_volts is None


def test_a_pack_is_compared_at_its_terminals() -> None:
    raw = raw_spec(
        model={"family": "SPM"},
        pack={"seriesCount": 2, "parallelCount": 1},
        protocol=constant_current(5, 600),
        output={"measured": [{"csv": "0,8.2\n600,8.0"}]},
    )

    trace, summary = run(spec_of(**raw))

    volts = trace.values[VOLTAGE.name][[0, -1]]
    assert summary.rms_error_volts == pytest.approx(np.sqrt(np.mean((volts - [8.2, 8.0]) ** 2)), rel=1e-9)


def test_from_python_a_data_frame_is_enough() -> None:
    data = pd.DataFrame({"Time [min]": SECONDS / 60, "Voltage [mV]": VOLTS * 1000})
    spec = {
        "model": {"family": "SPM"},
        "cell": {"parameterSet": "Chen2020"},
        "protocol": constant_current(5, 600),
        "output": {"measured": [{"csv": data}]},
    }

    result = batterysim.run(spec)

    frame = result.to_pandas().set_index("Time [s]")
    residual = frame["Voltage residual [V]"].loc[SECONDS / 60 * 60]  # as the minutes are read
    assert result.summary.rms_error_volts == pytest.approx(np.sqrt((residual**2).mean()), rel=1e-9)
    assert len(frame) == 101 + len(set(SECONDS / 60 * 60) - set(np.linspace(0, 600, 101)))
