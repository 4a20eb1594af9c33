"""Impedance against what can be worked out by hand: resistances, the slope of a curve, causality."""

import numpy as np
import pybamm
import pytest

from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, spec_of


def measure(
    family: str, lowest: float, highest: float, per_decade: int = 1, cell: Json | None = None, **options: str
) -> Trace:
    """Return the impedance of a half full Chen2020."""
    frequencies = {"lowestHertz": lowest, "highestHertz": highest, "pointsPerDecade": per_decade}
    return solve(
        spec_of(
            model={"family": family, "options": options},
            cell={"initialStateOfCharge": 0.5, **(cell or {})},
            protocol={"impedance": {"frequencyRange": frequencies}},
        )
    )


def impedance_of(trace: Trace) -> np.ndarray:
    output = trace.output()
    return output["Real impedance [Ohm]"] + 1j * output["Imaginary impedance [Ohm]"]


def ohmic_resistance() -> float:
    """Return the resistance in ohm of Chen2020's electrolyte and electrodes in a row.

    In an electrode the current passes evenly from one to the other, so each has a third of its thickness.
    """
    values = pybamm.ParameterValues("Chen2020")
    concentration = pybamm.Scalar(values["Initial concentration in electrolyte [mol.m-3]"])
    kelvin = pybamm.Scalar(values["Reference temperature [K]"])
    conductivity = np.asarray(
        values.evaluate(values["Electrolyte conductivity [S.m-1]"](concentration, kelvin))
    ).item()

    def in_pores(part: str) -> float:
        porosity, exponent = values[f"{part} porosity"], values[f"{part} Bruggeman coefficient (electrolyte)"]
        thickness: float = values[f"{part} thickness [m]"]
        return thickness / (conductivity * porosity**exponent)

    electrodes = ("Negative electrode", "Positive electrode")
    solid = sum(
        values[f"{part} thickness [m]"] / values[f"{part} conductivity [S.m-1]"] for part in electrodes
    )
    ohm_square_metres = in_pores("Separator") + (sum(map(in_pores, electrodes)) + solid) / 3
    area: float = values["Electrode height [m]"] * values["Electrode width [m]"]
    return ohm_square_metres / area


def test_the_high_frequency_end_of_an_spme_is_its_ohmic_resistance() -> None:
    trace = measure("SPMe", 1e5, 1e6)

    # the model linearises the electrolyte around another mean than the concentration at the start, by 0.1 %
    assert summarise(trace).high_frequency_resistance_ohms == pytest.approx(ohmic_resistance(), rel=2e-3)


@pytest.mark.parametrize("family", ["SPM", "MPM"])
def test_a_model_without_electrolyte_has_no_ohmic_resistance(family: str) -> None:
    assert abs(summarise(measure(family, 1e5, 1e6)).high_frequency_resistance_ohms or 0) < 1e-8


@pytest.mark.parametrize("family", ["SPMe", "DFN"])
def test_a_contact_resistance_is_in_series_at_every_frequency(family: str) -> None:
    ohms = 0.01

    without = measure(family, 1e-3, 1e3)
    connected = measure(
        family,
        1e-3,
        1e3,
        cell={"parameters": {"Contact resistance [Ohm]": ohms}},
        **{"contact resistance": "true"},
    )

    np.testing.assert_allclose(impedance_of(connected), impedance_of(without) + ohms, rtol=1e-9)


def test_twice_the_electrodes_have_half_the_impedance() -> None:
    twice = {"parameters": {"Number of electrodes connected in parallel to make a cell": 2}}

    one, two = measure("SPMe", 1e-3, 1e3), measure("SPMe", 1e-3, 1e3, cell=twice)

    np.testing.assert_allclose(impedance_of(two), impedance_of(one) / 2, rtol=1e-9)


def test_at_low_frequencies_a_cell_is_the_capacitor_that_its_open_circuit_curve_says() -> None:
    """Im Z = - (dU/dq) / omega."""
    trace = measure("SPM", 1e-6, 1e-5)

    def resting_volts(charge: float) -> float:
        rest = solve(
            spec_of(
                model={"family": "SPM"},
                cell={"initialStateOfCharge": charge},
                protocol={"rest": {"durationSeconds": 1}},
            )
        )
        return float(rest.values["Voltage [V]"][0])

    width, capacity_coulombs = 0.01, 5.1532 * 3600
    slope = (resting_volts(0.5 + width / 2) - resting_volts(0.5 - width / 2)) / (width * capacity_coulombs)
    omega = 2 * np.pi * trace.output()["Frequency [Hz]"][-1]
    # the curve bends within the width of the difference quotient
    assert -impedance_of(trace)[-1].imag * omega == pytest.approx(slope, rel=1e-3)


def test_the_parts_of_an_impedance_belong_together() -> None:
    """Kramers and Kronig: of what only answers after its cause, the imaginary part says the real one.

    Re Z(f) = Re Z(inf) - 2/pi * integral of x Im Z(x) / (x^2 - f^2) dx. At the lowest frequencies the
    imaginary part is that of a capacitor, which has no real part and is taken away first.
    """
    trace = measure("SPMe", 1e-6, 1e6, per_decade=40)

    frequency, impedance = trace.output()["Frequency [Hz]"][::-1], impedance_of(trace)[::-1]
    capacitive = impedance[0].imag * frequency[0]
    imaginary = impedance.imag - capacitive / frequency
    logarithm = np.log(frequency)
    for index in np.searchsorted(frequency, [1e-3, 0.1, 10, 100]):
        f = frequency[index]
        numerator = frequency * imaginary - f * imaginary[index]
        distance = np.where(np.arange(len(frequency)) == index, np.inf, frequency**2 - f**2)
        integrand = frequency * numerator / distance
        integrand[index] = (integrand[index - 1] + integrand[index + 1]) / 2  # finite there
        real = impedance[-1].real - 2 / np.pi * np.trapezoid(integrand, logarithm)
        # the rule's own error on 40 points a decade
        assert real == pytest.approx(impedance[index].real, rel=5e-3)
