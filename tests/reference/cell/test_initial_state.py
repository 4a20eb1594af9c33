"""The state at the start is PyBaMM's own, for each kind of cell."""

import warnings
from typing import Any

import numpy as np
import pybamm
import pytest
from numpy.typing import NDArray

from batterysim.problem import InvalidSpecError
from batterysim.results import VOLTAGE
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of

HALF_CELL = {"working electrode": "positive"}
BLEND = {"particle phases": ("2", "1")}
HYSTERESIS = BLEND | {
    "open-circuit potential": (("single", "current sigmoid"), "single"),
}
MSMR = {"number of MSMR reactions": ("6", "4")}
SECONDS = np.linspace(0, 60, 3)
REST = constant_current(0, 60)


def volts_of(cell: Json, family: str, options: Json, protocol: Json) -> NDArray[np.float64]:
    spec = spec_of(
        cell=cell, model={"family": family, "options": options}, protocol=protocol, output={"points": 3}
    )
    trace = solve(spec)
    return trace.values[VOLTAGE.name][trace.in_output]


def first_volts(cell: Json, family: str, experiment: Json) -> float:
    trace = solve(spec_of(cell=cell, model={"family": family}, protocol={"experiment": experiment}))
    return float(trace.values[VOLTAGE.name][0])


def volts_by_pybamm(
    parameters: pybamm.ParameterValues, family: str, options: dict[str, Any], **solving: Any
) -> NDArray[np.float64]:
    """Solve with PyBaMM alone, in the way its own examples do."""
    model = getattr(pybamm.lithium_ion, family)(options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of PyBaMM, about names of its own
        solution = pybamm.Simulation(model, parameter_values=parameters).solve(
            [0, 60], t_interp=SECONDS, **solving
        )
    return np.asarray(solution[VOLTAGE.name](SECONDS))


def listed(options: dict[str, Any]) -> Json:
    """Write options as a user does, in JSON."""
    return {name: _listed(value) for name, value in options.items()}


def _listed(value: Any) -> Any:
    return [_listed(item) for item in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize(
    ("parameter_set", "family", "options", "amperes", "cell", "initial_soc"),
    [
        ("Chen2020", "SPM", {}, 5, {"initialStateOfCharge": 0.3}, 0.3),
        ("Chen2020", "DFN", {}, 5, {"initialVolts": 3.9}, "3.9 V"),
        ("Chen2020_composite", "SPM", HYSTERESIS, 5, {"initialStateOfCharge": 0.5}, 0.5),
        ("Chen2020_composite", "SPM", BLEND, 5, {"initialVolts": 3.7}, "3.7 V"),
        ("Xu2019", "SPM", HALF_CELL, 1e-4, {"initialStateOfCharge": 0.5}, 0.5),
        ("Xu2019", "SPM", HALF_CELL, 1e-4, {"initialVolts": 4.0}, "4.0 V"),
        ("MSMR_Example", "MSMR", MSMR, 1, {"initialStateOfCharge": 0.5}, 0.5),
    ],
)
def test_it_is_pybamms_own(
    parameter_set: str, family: str, options: dict[str, Any], amperes: float, cell: Json, initial_soc: Any
) -> None:
    parameters = pybamm.ParameterValues(parameter_set)
    parameters["Current function [A]"] = amperes

    ours = volts_of(
        cell | {"parameterSet": parameter_set}, family, listed(options), constant_current(amperes, 60)
    )

    theirs = volts_by_pybamm(parameters, family, options, initial_soc=initial_soc)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=0)


def test_more_lithium_than_there_is_room_for() -> None:
    cell = {
        "initialStateOfCharge": 0.5,
        "parameters": {
            "Maximum concentration in negative electrode [mol.m-3]": 10_000,
            "Maximum concentration in positive electrode [mol.m-3]": 10_000,
        },
    }

    with pytest.raises(InvalidSpecError) as caught:
        volts_of(cell, "SPM", {}, REST)

    assert str(caught.value).startswith(
        "spec.cell.initialStateOfCharge: PyBaMM finds no such state of this cell (Q_Li="
    )


def test_that_of_an_equivalent_circuit_too() -> None:
    # PyBaMM's solve(initial_soc=...) fails for it, so the state is set on the parameters here.
    parameters = pybamm.ParameterValues("ECM_Example")
    parameters["Current function [A]"] = 10
    parameters.set_initial_state(0.7)
    model = pybamm.equivalent_circuit.Thevenin()
    theirs = pybamm.Simulation(model, parameter_values=parameters).solve([0, 60], t_interp=SECONDS)

    cell = {"parameterSet": "ECM_Example", "initialStateOfCharge": 0.7}
    ours = volts_of(cell, "Thevenin", {}, constant_current(10, 60))

    np.testing.assert_allclose(ours, theirs[VOLTAGE.name](SECONDS), rtol=1e-9, atol=0)


@pytest.mark.parametrize(
    ("parameter_set", "family", "options"),
    [
        ("Chen2020", "DFN", {}),
        ("ORegan2022", "SPM", {}),
        ("Chen2020_composite", "SPM", BLEND),
        ("Chen2020_composite", "SPM", HYSTERESIS),
        ("Xu2019", "SPM", HALF_CELL),
        ("MSMR_Example", "MSMR", MSMR),
        ("ECM_Example", "Thevenin", {}),
    ],
)
def test_at_any_temperature_it_rests_at_the_voltage_that_is_asked_for(
    parameter_set: str, family: str, options: dict[str, Any]
) -> None:
    cell = {"parameterSet": parameter_set, "initialVolts": 4.0, "ambientTemperatureCelsius": 0}

    assert volts_of(cell, family, listed(options), REST) == pytest.approx([4.0] * 3, abs=1e-6)


@pytest.mark.parametrize(
    "experiment",
    [
        {"structuredSteps": [{"rest": True, "durationSeconds": 60, "ambientTemperatureCelsius": 0}]},
        {"steps": ["Rest for 1 minute at 0 oC"]},
        {"blocks": [{"steps": ["Rest for 1 minute at 0 oC", "Rest for 1 minute at 40 oC"]}]},
    ],
)
def test_a_voltage_is_one_of_the_first_steps_temperature(experiment: Json) -> None:
    cell = {"parameterSet": "ORegan2022", "initialVolts": 3.8, "ambientTemperatureCelsius": 40}

    # Found at 40 C, the state would rest at 3.7986 V.
    assert first_volts(cell, "SPM", experiment) == pytest.approx(3.8, abs=1e-6)


def test_the_state_of_charge_of_an_msmr_cell_is_one_of_the_first_steps_temperature() -> None:
    full = {"parameterSet": "MSMR_Example", "initialStateOfCharge": 1.0}
    cold = {"steps": ["Rest for 1 minute at -10 oC"]}

    assert first_volts(full, "MSMR", cold) == pytest.approx(4.2, abs=1e-6)


def test_a_state_of_charge_is_one_of_the_reference_temperature() -> None:
    # O'Regan et al. measured how the open-circuit voltage changes with temperature: a full cell that is cold
    # rests lower than one at 25 C, although it has the same lithium in the same places.
    full = {"parameterSet": "ORegan2022", "initialStateOfCharge": 1.0}

    at_25 = volts_of(full | {"ambientTemperatureCelsius": 25}, "SPM", {}, REST)
    at_0 = volts_of(full | {"ambientTemperatureCelsius": 0}, "SPM", {}, REST)

    assert at_25[0] == pytest.approx(4.4, abs=1e-6)
    assert at_0[0] == pytest.approx(4.3976, abs=1e-4)


def test_an_electrode_with_hysteresis_rests_between_its_ways_of_charge_and_discharge() -> None:
    cell = {"parameterSet": "Chen2020_composite", "initialStateOfCharge": 1.0}

    assert volts_of(cell, "SPM", listed(HYSTERESIS), REST)[0] == pytest.approx(4.1768, abs=1e-4)


def test_cut_offs_do_not_move_0_and_100_percent() -> None:
    empty = {"initialStateOfCharge": 0.0, "lowerCutoffVolts": 3.0, "upperCutoffVolts": 4.0}

    assert volts_of(empty, "SPM", {}, REST)[0] == pytest.approx(2.5, abs=1e-6)


def test_stoichiometries_are_set_as_they_are() -> None:
    parameters = pybamm.ParameterValues("Chen2020")
    parameters.update(
        {
            "Initial concentration in negative electrode [mol.m-3]": 0.7 * 33133,
            "Initial concentration in positive electrode [mol.m-3]": 0.4 * 63104,
        }
    )
    cell = {"initialStoichiometry": {"negative": 0.7, "positive": 0.4}}

    ours = volts_of(cell, "SPM", {}, constant_current(5, 60))

    np.testing.assert_allclose(ours, volts_by_pybamm(parameters, "SPM", {}), rtol=1e-9, atol=0)


def test_a_half_cell_has_one_stoichiometry() -> None:
    parameters = pybamm.ParameterValues("Xu2019")
    c_max = parameters["Maximum concentration in positive electrode [mol.m-3]"]
    parameters.update(
        {
            "Initial concentration in positive electrode [mol.m-3]": 0.5 * c_max,
            "Current function [A]": 1e-4,
        }
    )
    cell = {"parameterSet": "Xu2019", "initialStoichiometry": {"positive": 0.5}}

    ours = volts_of(cell, "SPM", HALF_CELL, constant_current(1e-4, 60))

    np.testing.assert_allclose(ours, volts_by_pybamm(parameters, "SPM", HALF_CELL), rtol=1e-9, atol=0)


@pytest.mark.parametrize(
    ("cell", "family", "complaint"),
    [
        (
            {"parameterSet": "ECM_Example", "initialVolts": 4.2},
            "Thevenin",
            "spec.cell.initialVolts: must be from 3.2 to 4.187, the open-circuit voltages of this circuit",
        ),
        (
            {"initialStateOfCharge": 1.0, "parameters": {"Open-circuit voltage at 100% SOC [V]": 6.0}},
            "SPM",
            "spec.cell.initialStateOfCharge: it would need a stoichiometry of 1.0001 in the negative",
        ),
    ],
)
def test_a_state_that_cannot_be(cell: Json, family: str, complaint: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        volts_of(cell, family, {}, REST)

    assert str(caught.value).startswith(complaint)
