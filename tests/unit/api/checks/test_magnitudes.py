"""Numbers that no cell has are found before they are solved."""

from typing import Any

import pytest

from batterysim.catalogue.parameters import parameter_defaults
from batterysim.checks.bpx import bpx_problems
from batterysim.checks.magnitudes import composition_complaints, magnitude_complaint
from batterysim.problem import InvalidSpecError
from batterysim_data import data_file
from tests.builders import bpx_document, spec_of

SETS = sorted(
    entry.name.removesuffix(".json")
    for entry in data_file("parameter_sets").iterdir()
    if entry.name.endswith(".json")
)


@pytest.mark.parametrize("name", SETS)
def test_all_published_cells_can_be(name: str) -> None:
    defaults = parameter_defaults(name)
    numbers = {key: value for key, value in defaults.items() if value is not None}

    assert [key for key, value in numbers.items() if magnitude_complaint(key, value)] == []
    assert list(composition_complaints(defaults, numbers)) == []


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"Positive electrode active material volume fraction": 66.5}, "if it is in percent, write 0.665"),
        ({"Negative electrode porosity": 25}, "if it is in percent, write 0.25"),
        ({"Negative electrode porosity": -0.1}, "-0.1 cannot be: it is 0 to 1 in any cell"),
        ({"Negative electrode porosity": 0.9}, "0.9 + 0.75 = 1.65 of its volume"),
        ({"Negative electrode thickness [m]": 85.2}, "if it is in micrometres, write 8.52e-05"),
        ({"Separator thickness [m]": 12}, "if it is in micrometres, write 1.2e-05"),
        ({"Positive particle radius [m]": 5.22}, "if it is in micrometres, write 5.22e-06"),
        ({"Positive particle radius [m]": 0.0}, "0 m cannot be"),
        ({"Electrode height [m]": 650}, "if it is in millimetres, write 0.65"),
        ({"Reference temperature [K]": 25}, "if it is in °C, write 298.15"),
        ({"Positive current collector thickness [m]": 16}, "if it is in micrometres, write 1.6e-05"),
    ],
)
def test_a_slip_of_unit_is_named(parameters: dict[str, float], said: str) -> None:
    with pytest.raises(InvalidSpecError) as refused:
        spec_of(cell={"parameters": parameters})

    (problem,) = refused.value.problems
    assert problem.field == f"spec.cell.parameters[{next(iter(parameters))!r}]"
    assert said in problem.message


@pytest.mark.parametrize(
    "parameters",
    [
        {"Negative electrode thickness [m]": 1e-3},
        {"Negative electrode porosity": 0.3, "Negative electrode active material volume fraction": 0.7},
        {"Positive particle radius [m]": 2e-8},
    ],
)
def test_unusual_cells_are_let_through(parameters: dict[str, float]) -> None:
    assert spec_of(cell={"parameters": parameters}).cell.parameters == parameters


def complaints_about(electrode: str, **values: Any) -> list[str]:
    document = bpx_document()
    document["Parameterisation"][electrode] |= values
    return [str(problem) for problem in bpx_problems(document)]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"Minimum stoichiometry": 0.9, "Maximum stoichiometry": 0.1}, "minimum and maximum exchanged"),
        ({"Maximum stoichiometry": 90.0}, "is no range within 0 and 1"),
        ({"Thickness [m]": 75.6}, "if it is in micrometres, write 7.56e-05"),
        ({"Porosity": 33.5}, "if it is in percent, write 0.335"),
        ({"Particle radius [m]": 5.22}, "if it is in micrometres, write 5.22e-06"),
    ],
)
def test_the_same_in_a_bpx_file(values: dict[str, float], said: str) -> None:
    (complaint,) = complaints_about("Positive electrode", **values)

    assert said in complaint
