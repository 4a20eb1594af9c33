"""The tally of a sweep stays small, however many points there are."""

import json

from hypothesis import given
from hypothesis import strategies as st

from batterysim.sweep.metric import Objective
from batterysim_runner.sweep.row import Row
from batterysim_runner.sweep.tally import Tally

LOWEST = Objective(metric="rmse", goal="Minimise")
HIGHEST = Objective(metric="endVolts", goal="Maximise")


def solved(number: int, rmse: float | None = None, volts: float = 3.0) -> Row:
    return Row(number, summary={"endVolts": volts}, metrics={"rmse": rmse})


@given(st.lists(st.floats(0, 1), max_size=60))
def test_the_best_are_the_lowest(values: list[float]) -> None:
    tally = Tally(len(values), LOWEST)
    for number, value in enumerate(values):
        tally.add(solved(number, value))

    expected = sorted(enumerate(values), key=lambda pair: (pair[1], pair[0]))[:10]
    assert tally.best == expected


def test_the_best_are_the_highest_by_a_number_of_the_summary() -> None:
    tally = Tally(3, HIGHEST)
    for number, volts in enumerate([3.1, 3.3, 3.2]):
        tally.add(solved(number, volts=volts))

    assert tally.best == [(1, 3.3), (2, 3.2), (0, 3.1)]


def test_a_point_without_the_metric_is_not_ranked() -> None:
    tally = Tally(2, LOWEST)
    tally.add(solved(0, None))
    tally.add(Row(1, "Infeasible", "at time 0"))

    assert tally.best == []
    assert (tally.done, tally.failed, tally.reasons["Infeasible"]) == (2, 1, 1)


def test_a_hundred_thousand_points_fit_into_a_status() -> None:
    tally = Tally(100_000, LOWEST)
    for number in range(100_000):
        tally.add(Row(number, "Infeasible", "x" * 1024) if number % 2 else solved(number, number / 7))

    told = tally.told()
    assert told["reasons"] == {"Infeasible": 50_000}
    assert len(json.dumps(told)) < 8192
