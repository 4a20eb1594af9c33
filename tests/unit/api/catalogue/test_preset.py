"""Premade cells: each number has an origin, and the page shows them all."""

from pathlib import Path
from typing import get_args

import pytest
from generate.preset_page import render

from batterysim.catalogue.parameters import cell_base, parameter_defaults
from batterysim.catalogue.preset import preset
from batterysim.problem import InvalidSpecError
from batterysim.spec.cell import Cell, CellPreset
from tests.builders import preset_cell, spec_of

PRESETS = get_args(CellPreset)
PAGE = Path(__file__).parents[4] / "docs" / "cell-presets.md"


@pytest.mark.parametrize("name", PRESETS)
def test_each_number_says_where_it_is_from(name: CellPreset) -> None:
    premade = preset(name)

    for number in (*premade.parameters.values(), *premade.facts.values()):
        assert len(number.source) > 20
        if number.kind == "datasheet":
            assert "doi:" in number.source or "Specification of product" in number.source


@pytest.mark.parametrize("name", PRESETS)
def test_each_parameter_is_a_number_of_its_set(name: CellPreset) -> None:
    premade = preset(name)
    known = parameter_defaults(premade.parameter_set)

    assert [parameter for parameter in premade.parameters if known.get(parameter) is None] == []


@pytest.mark.parametrize("name", PRESETS)
def test_each_says_its_capacity_and_cut_offs(name: CellPreset) -> None:
    numbers = {parameter: number.value for parameter, number in preset(name).parameters.items()}

    capacity = 2.5 if name == "INR18650-25R" else 5.0
    assert numbers["Nominal cell capacity [A.h]"] == capacity
    assert (numbers["Lower voltage cut-off [V]"], numbers["Upper voltage cut-off [V]"]) == (2.5, 4.2)


def test_a_preset_is_its_set_with_its_numbers() -> None:
    base = cell_base(Cell(preset="LGM50-thermal"))

    assert base.parameter_set == "ORegan2022"
    assert parameter_defaults("ORegan2022")["Upper voltage cut-off [V]"] == 4.4
    assert base.defaults is not None
    assert base.defaults["Upper voltage cut-off [V]"] == 4.2


def test_a_parameter_set_and_a_bpx_file_are_what_they_are() -> None:
    assert cell_base(Cell(parameter_set="Chen2020")) == ("Chen2020", {})
    assert cell_base(Cell.model_validate({"bpx": {"document": "{}"}})).defaults is None


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            {"parameters": {"Electrode wdth [m]": 1}},
            "spec.cell.parameters['Electrode wdth [m]']: LGM50 has no such parameter; use 'Electrode width",
        ),
        (
            {"lowerCutoffVolts": 4.3},
            "spec.cell.lowerCutoffVolts: the lower cut-off (4.3 V) must be below the",
        ),
        ({"parameterSet": "Chen2020"}, "spec.cell: set exactly one of parameterSet, preset and bpx"),
    ],
)
def test_a_preset_is_checked_as_a_set_is(fields: dict[str, object], problem: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        spec_of(cell=preset_cell("LGM50") | fields)

    assert str(caught.value).startswith(problem)


def test_the_page_is_what_the_files_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render()
