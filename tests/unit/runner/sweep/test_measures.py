"""Numbers from a result's series."""

import math
from typing import Any

import numpy as np
import pytest

from batterysim.problem import InvalidSpecError
from batterysim.results import CURRENT, FREQUENCY, REAL_IMPEDANCE, TIME, VOLTAGE, EndReason
from batterysim.sweep.metric import Metric
from batterysim_runner.report.trace import Integrand, Trace
from batterysim_runner.sweep.measures import measures, read_between

TIMES = np.array([0.0, 10.0, 40.0])
FALLING = Trace(
    {TIME.name: TIMES, VOLTAGE.name: 4 - TIMES / 100, CURRENT.name: np.full(3, 5.0)},
    np.ones(3, dtype=np.bool_),
    EndReason.DURATION_REACHED,
)


def taken(trace: Trace = FALLING, column: str = VOLTAGE.name, **fields: Any) -> float | None:
    (measure,) = measures([Metric.model_validate({"name": "m", "column": column, **fields})])
    return measure.of(trace)


def test_a_value_between_two_points() -> None:
    assert taken(atSeconds=25) == pytest.approx(3.75)


def test_a_run_that_is_too_short_has_none() -> None:
    assert taken(atSeconds=40.1) is None


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Min", 3.6), ("Max", 4.0), ("Last", 3.6), ("Mean", 3.8), ("RootMeanSquare", math.sqrt(14.4533333333))],
)
def test_statistics_are_over_time(statistic: str, expected: float) -> None:
    assert taken(statistic=statistic) == pytest.approx(expected)


def test_an_experiment_has_them_over_the_points_between_the_solvers() -> None:
    times = np.array([0.0, 20.0, 40.0])
    parabola = {TIME.name: times, VOLTAGE.name: 4 - times**2 / 1000, CURRENT.name: np.full(3, 5.0)}
    ends = {name: column[[0, 2]] for name, column in parabola.items()}
    integrand = Integrand(parabola, np.array([False, True, False]))
    bent = FALLING._replace(values=ends, integrand=integrand, in_output=np.ones(2, np.bool_))

    assert taken(bent, statistic="Mean") == pytest.approx(4 - 1600 / 3 / 1000)
    assert taken(bent, atSeconds=20) == pytest.approx(3.6)
    assert taken(bent, statistic="Min") == pytest.approx(2.4)


@pytest.mark.parametrize(
    ("fields", "is_read"),
    [
        ({"statistic": "Mean"}, True),
        ({"statistic": "RootMeanSquare"}, True),
        ({"atSeconds": 20}, True),
        ({"statistic": "Max", "against": {"csv": "0,4\n40,3.6"}}, True),
        ({"statistic": "Min"}, False),
        ({"statistic": "Last"}, False),
    ],
)
def test_a_column_is_read_between_the_points_where_its_metric_needs_it(fields: Any, is_read: bool) -> None:
    metric = Metric.model_validate({"name": "m", "column": VOLTAGE.name, **fields})

    assert read_between(measures([metric])) == ((VOLTAGE.name,) if is_read else ())


def test_the_difference_to_data_is_at_their_times() -> None:
    against = {"csv": "Time [s],Voltage [mV]\n0,4000\n20,3700\n40,3600"}

    assert taken(statistic="Max", against=against) == pytest.approx(0.1)
    assert taken(statistic="RootMeanSquare", against=against) == pytest.approx(0.1 / math.sqrt(3))


def test_a_run_that_ends_before_the_data_do_is_not_compared() -> None:
    assert taken(statistic="RootMeanSquare", against={"csv": "0,4\n41,3.6"}) is None


def test_an_impedance_has_statistics_over_its_frequencies() -> None:
    impedance = Trace(
        {FREQUENCY.name: np.array([1.0, 10.0]), REAL_IMPEDANCE.name: np.array([0.02, 0.01])},
        np.ones(2, dtype=np.bool_),
        EndReason.SWEEP_FINISHED,
    )

    assert taken(impedance, REAL_IMPEDANCE.name, statistic="Max") == 0.02


def test_a_column_that_a_model_lacks_is_named() -> None:
    with pytest.raises(InvalidSpecError, match="'State of charge' is no column of this point's result"):
        taken(column="State of charge", statistic="Last")
