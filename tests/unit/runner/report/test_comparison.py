"""How a run and data are compared where they overlap, and the words for where they do not."""

import numpy as np
import pytest

from batterysim.catalogue.profile_csv import Table
from batterysim_runner.report.comparison import compare, measured_at

TIMES = np.array([0.0, 10.0, 40.0])
VOLTS = np.array([4.0, 3.9, 3.6])


def test_errors_are_those_at_the_rows_of_the_data() -> None:
    found = compare("Voltage", TIMES, VOLTS, Table((0, 20, 40), (4.0, 3.7, 3.7)))

    assert found.rms_error == pytest.approx(np.sqrt((0.1**2 + 0.1**2) / 3))
    assert found.max_error == pytest.approx(0.1)
    assert found.words == "Voltage: 3 of 3 rows compared, from 0 to 40 s"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (
            (0, 30, 50),
            "2 of 3 rows compared, from 0 to 30 s; the run ended at 40 s, before the data, which end at 50 s",
        ),
        ((0, 10, 30), "3 of 3 rows compared, from 0 to 30 s; the run went on to 40 s, without data"),
        ((5, 10, 40), "3 of 3 rows compared, from 5 to 40 s"),
        ((50, 60, 70), "none of 3 rows compared; the data begin at 50 s, and the run ended at 40 s"),
    ],
)
def test_what_is_left_out_is_said(seconds: tuple[float, ...], words: str) -> None:
    found = compare("Voltage", TIMES, VOLTS, Table(seconds, (4.0, 4.0, 4.0)))

    assert found.words == f"Voltage: {words}"
    assert (found.rms_error is None) == words.startswith("none")


def test_rounding_does_not_cost_the_last_row() -> None:
    found = compare("Voltage", TIMES, VOLTS, Table((0, 40 * (1 + 1e-12)), (4.0, 3.6)))

    assert found.words == "Voltage: 2 of 2 rows compared, from 0 to 40 s"
    assert found.max_error == pytest.approx(0, abs=1e-12)


def test_data_are_not_extrapolated() -> None:
    data = measured_at(np.array([0.0, 10.0, 20.0, 30.0, 40.0]), Table((10, 30), (4.0, 3.0)))

    np.testing.assert_array_equal(data, [np.nan, 4.0, 3.5, 3.0, np.nan])
