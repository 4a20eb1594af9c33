"""A value is set in a spec by the path of its field."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from batterysim.spec.simulation import Physics
from batterysim.sweep.field_path import PathError, known_paths, read_path, split_path, value_at, with_value

names = st.text(st.characters(blacklist_characters="'\"[].", blacklist_categories=["Cs"]), min_size=1)


@pytest.mark.parametrize(
    "path",
    [
        "protocol.constantCurrent.cRate",
        "cell.initialStoichiometry.positive",
        "cell.parameters['Negative electrode thickness [m]']",
        "model.options['SEI']",
        "cell.functions['Electrolyte conductivity [S.m-1]'].scale",
        "protocol.experiment.blocks.0.structuredSteps.1.untilStateOfCharge",
        "protocol.experiment.structuredSteps.1.cRate",
        "protocol.experiment.steps.0",
        "pack.seriesCount",
    ],
)
def test_any_field_that_holds_a_value_has_a_path(path: str) -> None:
    assert read_path(path) == split_path(path)


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("protocol.constantCurrent.cRat", "use 'protocol.constantCurrent.cRate'"),
        ("cell.ambientTemperature", "use 'cell.ambientTemperatureCelsius'"),
        ("initialStateOfCharge", "use 'cell.initialStateOfCharge'"),
        ("protocol.constantCurrent", "'protocol.constantCurrent' is no field of a simulation"),
        ("protocol.constantCurrent.cRate.x", "use 'protocol.constantCurrent.cRate'"),
        ("run.retries", "'run.retries' is no field of a simulation"),
        ("", "use a path such as 'cell.ambientTemperatureCelsius'"),
    ],
)
def test_a_wrong_path_is_answered_with_the_nearest(path: str, hint: str) -> None:
    with pytest.raises(PathError) as error:
        read_path(path)

    assert hint in str(error.value)


def test_every_known_path_is_one() -> None:
    for path in known_paths(Physics):
        read_path(path)


@given(st.lists(names, min_size=1, max_size=4), st.floats(allow_nan=False))
def test_a_value_is_found_where_it_was_set(path: list[str], value: float) -> None:
    assume(path[:-1][:1] != ["x"])  # a list has no names, and no more items than it has
    before = {"cell": {"a": 1}, "x": [1, {"y": 2}]}

    after = with_value(before, tuple(path), value)

    assert value_at(after, tuple(path)) == value
    assert before == {"cell": {"a": 1}, "x": [1, {"y": 2}]}
    assert {name: part for name, part in after.items() if name != path[0]} == {
        name: part for name, part in before.items() if name != path[0]
    }


def test_a_value_in_a_list_takes_the_place_of_another() -> None:
    assert with_value({"steps": [{"cRate": 1}, {"cRate": 2}]}, ("steps", "1", "cRate"), 3) == {
        "steps": [{"cRate": 1}, {"cRate": 3}]
    }


def test_a_list_has_no_more_items_than_it_has() -> None:
    with pytest.raises(PathError, match="there is no item 2 in a list of 1: count from 0"):
        with_value({"steps": ["Rest for 1 hour"]}, ("steps", "2"), "Rest for 2 hours")
