"""A temperature around the cell that changes is PyBaMM's with the same function of time."""

from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim.problem import InvalidSpecError
from batterysim.results import CELL_TEMPERATURE, TIME, VOLTAGE
from batterysim_runner.compiled.library import installed
from batterysim_runner.engine import prepare
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of

DAY = "Time [h],Temperature [degC]\n0,5\n0.1,25\n0.2,15\n"
SECONDS, CELSIUS = np.array([0.0, 360.0, 720.0]), np.array([5.0, 25.0, 15.0])
POINTS = 13
LUMPED = {"thermal": "lumped"}


def cell(csv: str = DAY) -> Json:
    return {"ambientTemperatureProfile": {"csv": csv}}


def by_pybamm(options: Json) -> pybamm.Solution:
    values = pybamm.ParameterValues("Chen2020")
    seconds, kelvin = np.append(SECONDS, 1e9), np.append(CELSIUS, 15.0) + 273.15
    values.update(
        {
            "Ambient temperature [K]": lambda *place: pybamm.Interpolant(seconds, kelvin, place[-1]),
            "Initial temperature [K]": 278.15,
            "Current function [A]": 5.0,
        }
    )
    return pybamm.Simulation(pybamm.lithium_ion.SPM(dict(options)), parameter_values=values).solve(
        [0, 1200], t_interp=np.linspace(0, 1200, POINTS)
    )


def test_a_lumped_cell_follows_it_as_in_pybamm() -> None:
    spec = spec_of(
        model={"family": "SPM", "options": LUMPED},
        cell=cell(),
        protocol=constant_current(5, 1200),
        output={"points": POINTS},
    )

    values, alone = solve(spec).output(), by_pybamm(LUMPED)

    for name in (VOLTAGE.name, CELL_TEMPERATURE.name):
        np.testing.assert_allclose(values[name], alone[name].entries, rtol=1e-9)


def test_an_isothermal_cell_has_it() -> None:
    values = solve(
        spec_of(
            model={"family": "SPM"},
            cell=cell(),
            protocol=constant_current(1, 1200),
            output={"points": POINTS},
        )
    ).output()

    expected = np.interp(values[TIME.name], SECONDS, CELSIUS)
    np.testing.assert_allclose(values[CELL_TEMPERATURE.name], expected, rtol=1e-9)


def test_it_goes_on_through_the_steps_of_an_experiment_unless_one_has_its_own() -> None:
    steps: list[Json] = [
        {"cRate": 0.2, "durationSeconds": 360},
        {"rest": True, "durationSeconds": 360, "ambientTemperatureCelsius": 40},
        {"cRate": 0.2, "durationSeconds": 360},
    ]

    values = solve(
        spec_of(model={"family": "SPM"}, cell=cell(), protocol={"experiment": {"structuredSteps": steps}})
    ).output()

    times, celsius, step = (values[name] for name in (TIME.name, CELL_TEMPERATURE.name, "Step number"))
    for number in (1.0, 3.0):
        own = step == number
        np.testing.assert_allclose(celsius[own], np.interp(times[own], SECONDS, CELSIUS), atol=1e-9)
    np.testing.assert_allclose(celsius[step == 2.0], 40, atol=1e-9)


def test_it_is_solved_by_pybamm() -> None:
    assert prepare(spec_of(cell=cell()), installed()).solved_from == "Model"


@pytest.mark.parametrize(
    ("csv", "words"),
    [
        ("0,5\n0,6\n", r"ambientTemperatureProfile\.csv: line 2: time 0 does not come after 0"),
        ("1,5\n2,6\n", r"the first time is 1: begin at 0"),
        ("0,278\n10,298\n", r"has 278 degC, but a temperature is -60 to 120 degC"),
        ("Time [s],Temperature [K]\n0,278\n10,298\n", r"line 1: .*unit 'K'"),
        ("Time [s],Current [A]\n0,5\n10,6\n", r"line 1: 'Current \[A\]' is a current"),
    ],
)
def test_what_is_wrong_is_told_before_a_pod_starts(csv: str, words: str) -> None:
    with pytest.raises(InvalidSpecError, match=words):
        spec_of(cell=cell(csv))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"cell": {**cell(), "ambientTemperatureCelsius": 20}},
            "set at most one of ambientTemperatureCelsius and",
        ),
        ({"cell": cell(), "pack": {"seriesCount": 2, "parallelCount": 1}}, "is for one cell, not for a pack"),
        ({"cell": {"ambientTemperatureProfile": {}}}, "set exactly one of csv and configMapKeyRef"),
    ],
)
def test_what_does_not_go_with_it(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidSpecError, match=words):
        spec_of(**fields)
