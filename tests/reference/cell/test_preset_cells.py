"""Premade cells behave as their files say."""

import math
from functools import cache

import pybamm
import pytest

from batterysim.catalogue.preset import preset
from batterysim.results import VOLTAGE, EndReason
from batterysim.spec.cell import CellPreset
from batterysim_runner.cell.parameters import parameter_values
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import constant_current, preset_cell, spec_of

SAMSUNG: CellPreset = "INR18650-25R"


@cache
def discharge(name: str, amperes: float, family: str = "DFN", thermal: str = "isothermal") -> Trace:
    """Discharge a full cell until it is empty."""
    return solve(
        spec_of(
            model={"family": family, "options": {"thermal": thermal}},
            cell=preset_cell(name, initialStateOfCharge=1.0),
            protocol=constant_current(amperes, 86_400),
        )
    )


@pytest.mark.parametrize(
    ("name", "family", "amperes", "capacity", "within"),
    [
        (SAMSUNG, "DFN", 0.5, 2.5, 0.001),  # what the electrode's width was scaled for
        ("LGM50", "SPM", 1.0, 5.0, 0.05),
        ("LGM50-ageing", "SPM", 1.0, 5.0, 0.05),
        ("LGM50-thermal", "SPM", 1.0, 5.0, 0.05),
    ],
)
def test_from_full_to_empty_at_a_fifth_of_its_capacity_per_hour(
    name: str, family: str, amperes: float, capacity: float, within: float
) -> None:
    trace = discharge(name, amperes, family)

    assert trace.end_reason == EndReason.LOWER_CUT_OFF
    assert trace.values[VOLTAGE.name][-1] == pytest.approx(2.5, abs=1e-4)
    assert summarise(trace).discharge_capacity_ampere_hours == pytest.approx(capacity, rel=within)


@pytest.mark.parametrize(
    ("amperes", "thermal", "told"),
    [(10, "isothermal", "2.34 A.h"), (20, "isothermal", "0.91 A.h"), (20, "lumped", "2.30 A.h")],
)
def test_the_notes_of_the_25r_tell_what_it_gives_at_high_currents(
    amperes: float, thermal: str, told: str
) -> None:
    trace = discharge(SAMSUNG, amperes, thermal=thermal)
    capacity = summarise(trace).discharge_capacity_ampere_hours

    assert f"{capacity:.2f} A.h" == told
    assert told in preset(SAMSUNG).notes.replace("\n", " ")


def test_the_25r_drops_by_70_millivolts_at_20_amperes() -> None:
    drop = 4.2 - discharge(SAMSUNG, 20).values[VOLTAGE.name][0]

    assert (f"{drop:.2f}", f"{1000 * drop / 20:.1f}") == ("0.07", "3.5")


def test_the_25r_has_the_can_that_its_maker_says() -> None:
    premade = preset(SAMSUNG)
    diameter, height = premade.facts["Diameter [m]"].value, premade.facts["Height [m]"].value
    surface = math.pi * diameter * (height + diameter / 2)

    assert premade.parameters["Cell cooling surface area [m2]"].value == pytest.approx(surface, rel=1e-4)
    assert f"{math.pi * diameter**2 / 4 * height * 1e6:.1f} cm3" == "17.1 cm3"
    assert "17.1 cm3" in premade.notes


def test_the_25r_keeps_its_heat_because_its_volume_is_that_of_its_layers() -> None:
    values = parameter_values(spec_of(cell=preset_cell(SAMSUNG)))
    thickness = sum(
        values[f"{layer} thickness [m]"]
        for layer in (
            "Negative current collector",
            "Negative electrode",
            "Separator",
            "Positive electrode",
            "Positive current collector",
        )
    )
    volume = values["Electrode height [m]"] * values["Electrode width [m]"] * thickness

    assert values["Cell volume [m3]"] == pytest.approx(volume, rel=1e-4)
    assert f"{volume * 1e6:.1f} cm3" in preset(SAMSUNG).notes


def test_lgm50_is_chen2020_to_the_last_number() -> None:
    ours, theirs = parameter_values(spec_of(cell=preset_cell("LGM50"))), pybamm.ParameterValues("Chen2020")

    assert {name: ours[name] for name in ours} == {name: theirs[name] for name in theirs}
