"""The state at the start, as far as it can be judged without PyBaMM."""

import pytest

from batterysim.problem import InvalidSpecError
from tests.builders import Json, bpx_cell, bpx_document, constant_current, preset_cell, spec_of

HALF_CELL = {"options": {"working electrode": "positive"}}
COMPOSITE = {"options": {"particle phases": ["2", "1"]}}


def complaint(cell: Json, model: Json | None = None) -> str:
    with pytest.raises(InvalidSpecError) as caught:
        spec_of(cell=cell, **({} if model is None else {"model": model}))
    return str(caught.value)


@pytest.mark.parametrize("volts", [2.5, 3.7, 4.2])
def test_a_voltage_between_empty_and_full(volts: float) -> None:
    assert spec_of(cell={"initialVolts": volts}).cell.initial_volts == volts


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ({"initialVolts": 4.3}, "must be from 2.5 to 4.2, the open-circuit voltages of Chen2020"),
        ({"initialVolts": 2.4}, "must be from 2.5 to 4.2, the open-circuit voltages of Chen2020"),
        # A cut-off of the spec does not move 0 % and 100 %.
        ({"initialVolts": 4.3, "upperCutoffVolts": 4.4}, "must be from 2.5 to 4.2"),
        ({"initialVolts": 3.7, "parameterSet": "Prada2013"}, "must be from 2 to 3.6"),
        (preset_cell("LGM50-thermal", initialVolts=4.3), "must be from 2.5 to 4.2"),
        (bpx_cell(bpx_document(), initialVolts=4.3), "must be from 2.5 to 4.2"),
    ],
)
def test_a_voltage_that_the_cell_cannot_rest_at(cell: Json, expected: str) -> None:
    assert complaint(cell).startswith(f"spec.cell.initialVolts: {expected}")


def test_the_window_may_be_moved_itself() -> None:
    moved = {"Open-circuit voltage at 100% SOC [V]": 4.3}

    assert spec_of(cell={"initialVolts": 4.25, "parameters": moved})


def test_0_percent_is_below_100_percent() -> None:
    assert complaint({"parameters": {"Open-circuit voltage at 0% SOC [V]": 4.5}}) == (
        "spec.cell.parameters['Open-circuit voltage at 0% SOC [V]']: 0 % (4.5 V) must be below 100 % (4.2 V)"
        ": correct one"
    )


def test_one_way_to_say_it_is_enough() -> None:
    assert complaint({"initialVolts": 4.0, "initialStateOfCharge": 0.5}) == (
        "spec.cell: set at most one of initialStateOfCharge, initialVolts, initialStoichiometry and "
        "initialState"
    )


@pytest.mark.parametrize(
    ("stoichiometry", "model", "expected"),
    [
        (
            {"negative": 0.9, "positive": 0.3},
            {"family": "Thevenin"},
            ": the Thevenin model has no stoichiometry: set initialStateOfCharge or initialVolts instead",
        ),
        (
            {"negative": 0.9, "positive": 0.3},
            COMPOSITE,
            ": does not describe an electrode of two materials: set initialStateOfCharge or initialVolts",
        ),
        (
            {"negative": 0.9, "positive": 0.3},
            HALF_CELL,
            ".negative: the negative electrode of a half-cell is",
        ),
        ({"positive": 0.3}, {}, ".negative: required, but absent: add it"),
        ({"negative": 0.9}, {}, ".positive: required, but absent: add it"),
        ({"negative": 1.0, "positive": 0.3}, {}, ".negative: must be less than 1, not 1.0"),
    ],
)
def test_a_stoichiometry_that_does_not_fit(stoichiometry: Json, model: Json, expected: str) -> None:
    text = complaint({"initialStoichiometry": stoichiometry}, model)

    assert f"spec.cell.initialStoichiometry{expected}" in text


def test_a_half_cell_has_one_stoichiometry() -> None:
    cell = {"parameterSet": "Xu2019", "initialStoichiometry": {"positive": 0.5}}

    assert spec_of(cell=cell, model=HALF_CELL, protocol=constant_current(0, 60))
