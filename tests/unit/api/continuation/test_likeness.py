"""Two simulations are alike when the states of one mean the same in the other."""

import pytest

from batterysim.continuation.likeness import differences, likeness
from batterysim.problem import InvalidSpecError
from tests.builders import Json, constant_current, spec_of

LUMPED = {"family": "DFN", "options": {"thermal": "lumped"}}


@pytest.mark.parametrize(
    "other",
    [
        {"protocol": constant_current(-1, 60)},
        {"cell": {"initialStateOfCharge": 0.2}},
        {"cell": {"ambientTemperatureCelsius": 0}},
        {"cell": {"upperCutoffVolts": 4.1, "nominalCapacityAmpereHours": 4.8}},
        {"solver": {"relativeTolerance": 1e-8}},
        {"output": {"points": 7}},
        {"model": {"family": "DFN", "options": {"thermal": "isothermal"}}},
    ],
    ids=["protocol", "state", "temperature", "cut-offs", "tolerance", "output", "a default written"],
)
def test_what_may_differ(other: Json) -> None:
    assert differences(likeness(spec_of()), likeness(spec_of(**other))) == []


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"model": {"family": "SPM"}}, "spec.model"),
        ({"model": LUMPED}, "spec.model"),
        ({"cell": {"parameterSet": "Marquis2019"}}, "spec.cell"),
        ({"cell": {"parameters": {"Electrode height [m]": 0.07}}}, "spec.cell"),
        ({"cell": {"functions": {"Electrolyte conductivity [S.m-1]": {"scale": 0.8}}}}, "spec.cell"),
        ({"solver": {"mesh": {"separatorPoints": 10}}}, "spec.solver.mesh"),
    ],
    ids=["family", "option", "parameter set", "parameter", "function", "mesh"],
)
def test_what_must_be_the_same(other: Json, field: str) -> None:
    (named,) = differences(likeness(spec_of()), likeness(spec_of(**other)))

    assert named.startswith(field)


def test_options_are_the_same_however_they_are_written() -> None:
    text, other = (
        spec_of(
            model={"family": "SPM", "options": {"contact resistance": value}},
            cell={"parameters": {"Contact resistance [Ohm]": 0.01}},
        )
        for value in ("true", True)
    )

    assert likeness(text) == likeness(other)


def test_a_cell_in_a_config_map_is_not_judged_before_it_is_known() -> None:
    one, other = likeness(spec_of()), likeness(spec_of(cell={"parameterSet": "Marquis2019"}))

    assert differences(one, other, is_cell_known=False) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"pack": {"seriesCount": 2, "parallelCount": 1}}, "spec.cell.initialState: a pack"),
        (
            {"protocol": {"impedance": {"frequencyRange": {"lowestHertz": 1, "highestHertz": 10}}}},
            "spec.cell.initialState: an impedance",
        ),
        ({"cell": {"initialStateOfCharge": 0.5}}, "at most one of initialStateOfCharge, initialVolts"),
        ({"cell": {"initialState": {"fromResult": "No Name"}}}, "spec.cell.initialState.fromResult"),
    ],
    ids=["pack", "impedance", "another state", "no name"],
)
def test_what_cannot_go_on(fields: Json, field: str) -> None:
    cell = {"initialState": {"fromResult": "first"}, **fields.get("cell", {})}

    with pytest.raises(InvalidSpecError, match=field):
        spec_of(**{**fields, "cell": cell})
