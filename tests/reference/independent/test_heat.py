"""Heat against balances of energy, which hold whatever PyBaMM says.

What the voltage lacks against its open-circuit value is lost in the cell and becomes heat, and entropy adds
its own. Heat warms the cell or leaves it at its surface.
"""

import numpy as np
import pybamm
import pytest

from batterysim.problem import InvalidSpecError
from batterysim.results import CELL_TEMPERATURE, CURRENT, OPEN_CIRCUIT_VOLTAGE, TIME, VOLTAGE
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import SECONDS_PER_HOUR, Trace
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of

TIGHT = {"relativeTolerance": 1e-7, "absoluteTolerance": 1e-9}
HEAT_CAPACITY = "Volume-averaged effective heat capacity [J.K-1.m-3]"
VOLUME = "Cell thermal volume [m3]"
HEAT_TRANSFER, WATTS_PER_M2_KELVIN = "Total heat transfer coefficient [W.m-2.K-1]", 0.2
"""So little that what stays in the cell and what leaves it are both a good part of the heat."""

AMBIENT_CELSIUS = 25


def integral(trace: Trace, column: np.ndarray) -> float:
    """Return an integral over time in units of hours."""
    return float(np.trapezoid(column, trace.values[TIME.name])) / SECONDS_PER_HOUR


def lost_watt_hours(trace: Trace) -> float:
    values = trace.values
    lost = values[OPEN_CIRCUIT_VOLTAGE.name] - values[VOLTAGE.name]
    return integral(trace, lost * values[CURRENT.name])


@pytest.mark.parametrize("amperes", [-2.5, 2.5])
def test_after_a_rest_all_that_was_lost_has_become_heat(amperes: float) -> None:
    """With the heat of mixing, and only at rest again: until then uneven concentrations hold some of it."""
    pulse_and_rest = [
        {"currentAmperes": amperes, "durationSeconds": 600},
        {"rest": True, "durationSeconds": 14_400},
    ]
    trace = solve(
        spec_of(
            model={"family": "SPM", "options": {"thermal": "lumped", "heat of mixing": "true"}},
            cell={"initialStateOfCharge": 0.8},
            protocol={"experiment": {"structuredSteps": pulse_and_rest}},
            solver=TIGHT,
        )
    )

    # PyBaMM's integral over a particle: 4e-3 off with its 20 points, 4e-4 with 60
    assert summarise(trace).heat_watt_hours == pytest.approx(lost_watt_hours(trace), rel=5e-3)


@pytest.mark.parametrize(("options", "part"), [({}, 0.68), ({"heat of mixing": "true"}, 0.95)])
def test_without_the_heat_of_mixing_a_third_of_the_heat_is_missing(options: Json, part: float) -> None:
    """PyBaMM's default. docs/models.md warns of it: should this change, so must the warning."""
    trace = solve(
        spec_of(
            model={"family": "SPMe", "options": {"thermal": "lumped", **options}},
            cell={"initialStateOfCharge": 0.8},
            protocol=constant_current(2.5, 600),
        )
    )

    assert summarise(trace).heat_watt_hours == pytest.approx(part * lost_watt_hours(trace), rel=0.01)


@pytest.mark.parametrize("ohms", [0.0, 0.05])
@pytest.mark.parametrize(
    "options", [{"thermal": "lumped"}, {"thermal": "x-lumped", "cell geometry": "pouch"}]
)
def test_heat_warms_the_cell_or_leaves_it(options: Json, ohms: float) -> None:
    """Also that of a contact resistance, which PyBaMM's "Total heating [W]" is without."""
    amperes, seconds = 0.86, 1200
    trace = solve(
        spec_of(
            model={"family": "SPM", "options": {**options, "contact resistance": "true"}},
            cell={
                "parameterSet": "NCA_Kim2011",
                "initialStateOfCharge": 0.9,
                "ambientTemperatureCelsius": AMBIENT_CELSIUS,
                "parameters": {"Contact resistance [Ohm]": ohms, HEAT_TRANSFER: WATTS_PER_M2_KELVIN},
            },
            protocol=constant_current(amperes, seconds),
            solver={"relativeTolerance": 1e-8, "absoluteTolerance": 1e-10},
            output={"variables": [HEAT_CAPACITY, VOLUME]},
        )
    )

    values, parameters = trace.values, pybamm.ParameterValues("NCA_Kim2011")
    warmer = values[CELL_TEMPERATURE.name] - AMBIENT_CELSIUS
    joules_per_kelvin = values[HEAT_CAPACITY] * values[VOLUME]
    is_pouch = "cell geometry" in options
    surface = pouch_surface(parameters) if is_pouch else parameters["Cell cooling surface area [m2]"]
    watts_per_kelvin = WATTS_PER_M2_KELVIN * surface
    warmth = float(joules_per_kelvin[-1] * warmer[-1]) / SECONDS_PER_HOUR
    # the solver's tolerance is a part of the 300 K: 3e-6 K, and the cell becomes at least 0.2 K warmer
    assert summarise(trace).heat_watt_hours == pytest.approx(
        warmth + watts_per_kelvin * integral(trace, warmer), rel=3e-5
    )
    through_contacts = amperes**2 * ohms * seconds / SECONDS_PER_HOUR
    assert (summarise(trace).heat_watt_hours or 0) > through_contacts


def test_only_lumped_cools_a_cell_by_its_total_heat_transfer() -> None:
    """The collectors' own heat transfer, by which x-full cools, is 0 in this set (docs/models.md)."""

    def warmer(thermal: str) -> float:
        trace = solve(
            spec_of(
                model={"family": "SPMe", "options": {"thermal": thermal}},
                cell={"parameterSet": "NCA_Kim2011", "initialStateOfCharge": 0.9},
                protocol={"constantCurrent": {"cRate": 2, "durationSeconds": 1200}},
            )
        )
        return (summarise(trace).max_temperature_celsius or 0) - AMBIENT_CELSIUS

    assert warmer("lumped") == pytest.approx(0.025, abs=0.005)
    assert warmer("x-full") == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize(("parameter_set", "joules_per_kelvin"), [("Chen2020", 43), ("ORegan2022", 61)])
def test_the_heat_capacity_of_one_cell_by_two_papers(parameter_set: str, joules_per_kelvin: float) -> None:
    trace = solve(
        spec_of(
            model={"family": "SPM", "options": {"thermal": "lumped"}},
            cell={"parameterSet": parameter_set},
            protocol=constant_current(1, 1),
            output={"variables": [HEAT_CAPACITY, VOLUME]},
        )
    )

    assert trace.values[HEAT_CAPACITY][0] * trace.values[VOLUME][0] == pytest.approx(
        joules_per_kelvin, abs=0.5
    )


def test_entropy_outweighs_all_that_mohtats_cell_loses() -> None:
    """Sixfold at C/2: more than anybody measured, which docs/models.md says."""
    name = "Reversible heating [W]"
    trace = solve(
        spec_of(
            model={"family": "SPM", "options": {"thermal": "lumped"}},
            cell={"parameterSet": "Mohtat2020", "initialStateOfCharge": 0.8},
            protocol={"constantCurrent": {"cRate": 0.5, "durationSeconds": 600}},
            output={"variables": [name]},
        )
    )

    assert integral(trace, trace.values[name]) > 5 * lost_watt_hours(trace)


def pouch_surface(parameters: pybamm.ParameterValues) -> float:
    """Return the surface of a box of the cell's layers in m2."""
    width, height = parameters["Electrode width [m]"], parameters["Electrode height [m]"]
    layers = ("Negative current collector", "Negative electrode", "Separator", "Positive electrode")
    thickness = sum(parameters[f"{layer} thickness [m]"] for layer in (*layers, "Positive current collector"))
    return 2 * (width * height + width * thickness + height * thickness)


def test_a_circuits_heat_goes_through_its_jig_to_the_air() -> None:
    names = ["Cell temperature [degC]", "Jig temperature [degC]", "Reversible heat generation [W]"]
    trace = solve(
        spec_of(
            model={"family": "Thevenin"},
            cell={
                "parameterSet": "ECM_Example",
                "initialStateOfCharge": 0.8,
                "ambientTemperatureCelsius": 15,
            },
            protocol=constant_current(100, 600),
            solver=TIGHT,
            output={"variables": names},
        )
    )

    values, parameters = trace.values, pybamm.ParameterValues("ECM_Example")
    cell, jig = (values[name] - 15 for name in names[:2])
    stored = parameters["Cell thermal mass [J/K]"] * cell + parameters["Jig thermal mass [J/K]"] * jig
    left = parameters["Jig-air heat transfer coefficient [W/K]"] * integral(trace, jig)
    heat = summarise(trace).heat_watt_hours
    assert heat == pytest.approx(float(stored[-1]) / SECONDS_PER_HOUR + left, rel=1e-5)
    # where the voltage rises with temperature a discharge takes up heat
    assert values[names[2]].max() < 0
    # what the RC element's capacitor holds is 3e-4 of what is lost
    assert heat == pytest.approx(lost_watt_hours(trace) + integral(trace, values[names[2]]), rel=1e-3)


@pytest.mark.parametrize("parameter_set", ["OKane2022", "Ai2020"])
def test_a_heat_of_mixing_that_cannot_be_computed_is_refused(parameter_set: str) -> None:
    spec = spec_of(
        model={"family": "SPM", "options": {"thermal": "lumped", "heat of mixing": True}},
        cell={"parameterSet": parameter_set, "initialStateOfCharge": 0.8},
        protocol=constant_current(1, 60),
    )

    with pytest.raises(
        InvalidSpecError, match=f"slope of the open-circuit potentials, and {parameter_set} has"
    ):
        solve(spec)
