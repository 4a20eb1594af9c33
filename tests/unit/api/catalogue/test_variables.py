"""Variables are checked by name before a pod starts, as far as that can be known."""

import pytest

from batterysim.catalogue.variables import complaints, variable_names
from batterysim.problem import InvalidSpecError
from batterysim.results import DEFAULT_COLUMNS, Column
from tests.builders import spec_of


def problem_of(**fields: object) -> str:
    with pytest.raises(InvalidSpecError) as caught:
        spec_of(**fields)
    return str(caught.value)


def test_a_variable_of_the_model_is_accepted() -> None:
    spec = spec_of(output={"variables": ["X-averaged negative electrode potential [V]"]})

    assert spec.output.variables == ["X-averaged negative electrode potential [V]"]


def test_a_misspelt_variable_is_refused_with_the_nearest_names() -> None:
    assert problem_of(output={"variables": ["Voltage [V]", "X-averaged cell temprature [K]"]}).startswith(
        "spec.output.variables[1]: 'X-averaged cell temprature [K]': the model has no such variable; "
        "use 'X-averaged cell temperature [K]'"
    )


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Anode potential [V]", "Negative electrode surface potential difference at separator interface [V]"),
        ("cathode_potential", "Positive electrode surface potential difference at separator interface [V]"),
        ("SoC", "State of charge"),
        ("OCV (V)", "Bulk open-circuit voltage [V]"),
        ("Temperature / degC", "Volume-averaged cell temperature [C]"),
        (
            "Plating overpotential [V]",
            "X-averaged negative electrode lithium plating reaction overpotential [V]",
        ),
    ],
)
def test_an_engineers_word_is_refused_with_the_name_that_it_means(word: str, name: str) -> None:
    found = complaints([word], variable_names("DFN"))

    assert found[word] == f"the model has no such variable; use {name!r}"


def test_a_variable_of_another_family_is_refused() -> None:
    assert "spec.output.variables[0]: 'R0 [Ohm]'" in problem_of(output={"variables": ["R0 [Ohm]"]})


def test_a_variable_that_varies_in_space_is_refused_with_its_averages() -> None:
    assert problem_of(output={"variables": ["Cell temperature [K]"]}) == (
        "spec.output.variables[0]: 'Cell temperature [K]': varies in space, but a result has one number per "
        "point in time: use 'Volume-averaged cell temperature [K]' or 'X-averaged cell temperature [K]'"
    )


def test_nothing_is_known_of_a_model_with_options() -> None:
    """Options add variables, so the runner is the first who can tell."""
    spec_of(model={"options": {"SEI": "constant"}}, output={"variables": ["Anything [m]"]})


def test_a_model_that_differs_in_nothing_but_its_cell_is_checked() -> None:
    assert "spec.output.variables[0]: 'Voltage'" in problem_of(
        cell={"parameterSet": None, "preset": "LGM50"}, output={"variables": ["Voltage"]}
    )


def test_an_impedance_cannot_be_called_back_in_the_job_managers_form() -> None:
    callback = {"url": "https://example.org/", "format": "jobManager"}

    assert problem_of(protocol={"impedance": {}}, callback=callback) == (
        "spec.callback.format: jobManager is for results over time, which an impedance does not have: use v1"
    )


@pytest.mark.parametrize("family", ["SPM", "SPMe", "DFN", "MPM", "MSMR", "NewmanTobias", "Thevenin"])
def test_the_default_columns_are_in_every_family(family: str) -> None:
    known = variable_names(family)  # type: ignore[arg-type]

    assert complaints([column.name for column in DEFAULT_COLUMNS], known) == {}
    assert not known.scalar & known.spatial


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Loss of lithium inventory [%]", "%"),
        ("X-averaged cell temperature [C]", "degC"),
        ("C-rate", "1"),
        ("X-averaged electrolyte concentration [mol.m-3]", "mol.m-3"),
    ],
)
def test_the_unit_is_in_the_name(name: str, unit: str) -> None:
    assert Column.of(name) == Column(name, unit)
