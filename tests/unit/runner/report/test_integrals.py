"""Integrals over time: exact where the formulas say so, on points that are evenly spaced or not."""

import numpy as np
import pytest

from batterysim_runner.report.integrals import Mask, Numbers, Pieces

EVEN = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
UNEVEN = np.array([0.0, 0.5, 2.0, 3.5, 4.0])
HALVES = np.array([False, True, False, True, False])
NONE = np.zeros(5, dtype=bool)


def integral(times: Numbers, column: Numbers, halves: Mask) -> float:
    """Return the integral over all of the time."""
    return float(Pieces(times, halves).of(column).sum())


@pytest.mark.parametrize("times", [EVEN, UNEVEN])
def test_a_parabola_is_exact(times: np.ndarray) -> None:
    assert integral(times, 3 * times**2 - times, HALVES) == pytest.approx(64 - 8, rel=1e-14)


def test_a_line_times_a_parabola_is_exact_on_even_points() -> None:
    pieces = Pieces(EVEN, HALVES).of_product(1 - EVEN, EVEN**2)

    assert pieces == pytest.approx([8 / 3 - 4, (64 - 8) / 3 - (256 - 16) / 4])


def test_without_halves_both_are_linear_between_the_points() -> None:
    pieces = Pieces(UNEVEN, NONE).of_product(UNEVEN, 1 - UNEVEN)

    exact = np.diff(UNEVEN**2 / 2 - UNEVEN**3 / 3)
    assert pieces == pytest.approx(exact)


def test_a_last_interval_that_was_cut_off_is_linear() -> None:
    times = np.array([0.0, 1.0, 2.0, 3.0])

    assert integral(times, np.array([0.0, 1.0, 0.0, 2.0]), np.array([False, True, False, True])) == (
        pytest.approx(4 / 3 + 1)
    )


def test_a_last_interval_that_is_tiny_is_linear_as_the_one_before_it() -> None:
    times = np.array([0.0, 1.0, 1.0 + 1e-9])

    assert integral(times, np.array([1.0, 3.0, 9.0]), np.array([False, True, False])) == pytest.approx(2.0)
