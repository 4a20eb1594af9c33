"""A cell may rest where it is, and start exactly at a limit."""

from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim.results import VOLTAGE, EndReason
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.parameters import parameter_values
from batterysim_runner.errors import InfeasibleError
from batterysim_runner.model.equations import build_model, build_simulation
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, raw_spec, spec_of

DAY = constant_current(0, 86_400)


@pytest.mark.parametrize("family", ["SPM", "DFN"])
@pytest.mark.parametrize(("charge", "volts"), [(1.0, 4.2), (0.0, 2.5)])
def test_a_full_or_empty_cell_rests(family: str, charge: float, volts: float) -> None:
    spec = spec_of(model={"family": family}, cell={"initialStateOfCharge": charge}, protocol=DAY)

    trace = solve(spec)

    assert trace.end_reason == EndReason.DURATION_REACHED
    assert trace.values[VOLTAGE.name] == pytest.approx([volts] * len(trace.values[VOLTAGE.name]), abs=1e-6)


@pytest.mark.parametrize(
    "protocol",
    [
        {"rest": {"durationSeconds": 60}},
        {"constantCurrent": {"cRate": 0, "durationSeconds": 60}},
        {"constantPower": {"powerWatts": 0, "durationSeconds": 60}},
    ],
)
def test_a_rest_is_a_rest_however_it_is_written(protocol: Json) -> None:
    cell = {"initialStateOfCharge": 1.0, "upperCutoffVolts": 4.0}

    trace = solve(spec_of(model={"family": "SPM"}, cell=cell, protocol=protocol))

    assert trace.end_reason == EndReason.DURATION_REACHED


def test_a_circuit_whose_state_of_charge_is_a_limit_of_its_own_rests() -> None:
    cell = {"parameterSet": "ECM_Example", "initialStateOfCharge": 1.0}

    assert solve(spec_of(model={"family": "Thevenin"}, cell=cell, protocol=DAY)).end_reason == (
        EndReason.DURATION_REACHED
    )


@pytest.mark.parametrize(
    "cell",
    [
        # 2 mV above its cut-off, because it is warm
        {"parameterSet": "ORegan2022", "initialStateOfCharge": 1.0, "ambientTemperatureCelsius": 45},
        {"upperCutoffVolts": 4.0, "initialStateOfCharge": 1.0},
    ],
)
def test_a_cell_rests_past_a_cut_off_but_is_not_charged_there(cell: Json) -> None:
    model = {"family": "SPM"}

    assert solve(spec_of(model=model, cell=cell, protocol=DAY)).end_reason == EndReason.DURATION_REACHED
    with pytest.raises(InfeasibleError, match="the voltage is at or above the upper cut-off"):
        solve(spec_of(model=model, cell=cell, protocol=constant_current(-1, 60)))


@pytest.mark.parametrize(
    "cell", [{"initialStateOfCharge": 1.0}, {"initialVolts": 4.1, "upperCutoffVolts": 4.1}]
)
def test_a_full_cell_may_stand_before_it_drives(cell: Json) -> None:
    spec = spec_of(model={"family": "SPM"}, cell=cell)
    parameters = parameter_values(spec)
    seconds = np.array([0.0, 3600.0, 3601.0, 3700.0])
    parameters["Current function [A]"] = pybamm.Interpolant(seconds, np.array([0.0, 0.0, 5.0, 5.0]), pybamm.t)

    solution = build_simulation(spec, build_model(spec), parameters).solve(seconds)

    assert solution.termination == "final time"


@pytest.mark.parametrize("charge", [1.0, 0.0])
def test_a_run_that_leaves_the_limit_is_pybamms_own(charge: float) -> None:
    amperes = 5 if charge else -5
    parameters = pybamm.ParameterValues("Chen2020")
    parameters["Current function [A]"] = amperes
    seconds = np.linspace(0, 600, 3)
    simulation = pybamm.Simulation(pybamm.lithium_ion.SPM(), parameter_values=parameters)
    theirs: Any = simulation.solve([0, 600], t_interp=seconds, initial_soc=charge)

    ours = solve(
        spec_of(
            model={"family": "SPM"},
            cell={"initialStateOfCharge": charge},
            protocol=constant_current(amperes, 600),
            output={"points": 3},
        )
    )

    volts = ours.values[VOLTAGE.name][ours.in_output]
    np.testing.assert_allclose(volts, theirs[VOLTAGE.name](seconds), rtol=1e-9, atol=0)


def test_a_full_cell_cannot_be_charged() -> None:
    spec = spec_of(
        model={"family": "SPM"}, cell={"initialStateOfCharge": 1.0}, protocol=constant_current(-0.1, 60)
    )

    with pytest.raises(InfeasibleError, match=r"upper cut-off of 4\.2 V"):
        solve(spec)


FAR_TOO_MUCH = {
    "cell": {"protocol": constant_current(200, 60)},
    "charge": {"protocol": constant_current(-200, 60)},
    "pack": {"protocol": constant_current(200, 60), "pack": {"seriesCount": 2}},
    "experiment": {"protocol": {"experiment": {"steps": ["Discharge at 200 A for 1 minute"]}}},
}


@pytest.mark.parametrize("fields", FAR_TOO_MUCH.values(), ids=FAR_TOO_MUCH)
def test_an_ignored_cut_off_makes_no_success_of_millions_of_volts(fields: Json) -> None:
    """The SPM has a voltage for every current, and PyBaMM alone goes on to -2.6 million volts."""
    spec = BatterySimulationSpec.model_validate(  # unchecked, because a check refuses most of these currents
        raw_spec(
            model={"family": "SPM"},
            cell={"initialStateOfCharge": 0.5},
            cutOffPolicy={"lower": "Ignore", "upper": "Ignore"},
            **fields,
        )
    )

    summary = summarise(solve(spec))

    assert summary.end_reason in {EndReason.MODEL_LIMIT, EndReason.INFEASIBLE_STEP}
    assert summary.partial
    cells = 2 if "pack" in fields else 1
    assert max(abs(summary.min_volts), summary.max_volts) == pytest.approx(cells * 2 * 4.2, abs=1e-6)


def test_a_voltage_past_an_ignored_cut_off_is_as_it_would_be_without_limits() -> None:
    spec = spec_of(cutOffPolicy={"lower": "Ignore"}, protocol=constant_current(5, 3700))
    model = pybamm.lithium_ion.DFN()
    model.events = []
    simulation = pybamm.Simulation(model, parameter_values=parameter_values(spec))
    seconds = np.linspace(0, 3700, 101)

    volts = solve(spec).output()[VOLTAGE.name]

    assert volts.min() < 2.3
    np.testing.assert_allclose(
        volts, simulation.solve([0, 3700], t_interp=seconds)[VOLTAGE.name].entries, rtol=1e-9
    )
