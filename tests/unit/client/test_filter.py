"""Which simulations of a list are wanted."""

import pytest

from batterysim.status import Phase
from batterysim_client.errors import RefusedError
from batterysim_client.filter import Filter, Filters
from batterysim_client.simulation import to_simulation
from tests.builders import simulation

FAILED = Filter.of(phases=[Phase.FAILED], protocols=["constantCurrent"], text="cell")


def test_filters_are_query_parameters_of_the_rest_api() -> None:
    assert FAILED.query() == [("phase", "Failed"), ("protocol", "constantCurrent"), ("q", "cell")]
    assert Filter.of(labels="team=cells").query() == [("label", "team=cells")]
    assert Filter().query() == []


@pytest.mark.parametrize(
    ("name", "phase", "wanted"),
    [("cell-1", "Failed", True), ("pack-1", "Failed", False), ("cell-1", "Pending", False)],
)
def test_what_is_wanted(name: str, phase: str, wanted: bool) -> None:
    assert FAILED.wants(to_simulation(simulation(name=name, status={"phase": phase}))) is wanted


def test_everything_is_wanted_without_filters() -> None:
    assert Filter().wants(to_simulation(simulation(status={"phase": "Failed"})))


def test_a_filter_that_there_is_not_is_an_error() -> None:
    with pytest.raises(TypeError, match="phase"):
        Filter.of(phase="Failed")  # type: ignore[call-arg]


def test_words_are_taken_for_phases_and_one_word_for_a_list_of_it() -> None:
    assert Filter.of(phases=["Failed"], protocols=["driveCycle"]).query() == [
        ("phase", "Failed"),
        ("protocol", "driveCycle"),
    ]
    assert Filter.of(phases="Failed", protocols="driveCycle") == Filter.of(
        phases=[Phase.FAILED], protocols=["driveCycle"]
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"phases": "failed"}, "phases: 'failed' is unknown: give Queued, Pending, Running, Succeeded"),
        ({"protocols": ["cycle"]}, "protocols: 'cycle' is unknown: give constantCurrent, constantPower"),
    ],
)
def test_an_unknown_word_is_an_error_that_names_the_choices(given: Filters, message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        Filter.of(**given)
