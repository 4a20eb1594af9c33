"""The stoichiometries at 0 % and 100 %, of a cell whose open-circuit potentials are known by heart."""

import math

import pytest

from batterysim_runner.cell.electrode_balance import (
    Electrodes,
    StoichiometryLimits,
    stoichiometry_limits,
)

ELECTRODES = Electrodes(negative_capacity=6.0, positive_capacity=8.0, lithium=7.0)


def straight(place: float) -> tuple[float, float]:
    """Return the voltage of a cell that rises from 3 V to 4 V as its negative electrode is filled."""
    return 3 + place, 1.0


def steep(place: float) -> tuple[float, float]:
    """Return one that is steep at its ends, as real ones are."""
    return 3.7 + 0.2 * math.log(place / (1 - place)), 0.2 / (place * (1 - place))


def test_a_straight_one() -> None:
    limits = stoichiometry_limits(ELECTRODES, straight, empty_volts=3.1, full_volts=3.9)

    assert limits == pytest.approx(StoichiometryLimits(0.1, 0.9, (7 - 0.6) / 8, (7 - 5.4) / 8), abs=1e-15)


def test_a_steep_one_is_exact_but_for_rounding() -> None:
    limits = stoichiometry_limits(ELECTRODES, steep, empty_volts=3.2, full_volts=4.2)

    assert limits is not None
    assert limits.negative_empty == pytest.approx(1 / (1 + math.exp(2.5)), rel=1e-14)
    assert limits.negative_full == pytest.approx(1 / (1 + math.exp(-2.5)), rel=1e-14)


def test_the_state_of_charge_is_linear_between_the_limits() -> None:
    limits = StoichiometryLimits(0.1, 0.9, 0.8, 0.2)

    assert limits.at(0.25) == pytest.approx((0.3, 0.65))


@pytest.mark.parametrize("full_volts", [4.5, 40.0])
def test_a_voltage_that_the_electrodes_do_not_reach(full_volts: float) -> None:
    assert stoichiometry_limits(ELECTRODES, straight, empty_volts=3.1, full_volts=full_volts) is None


def test_more_lithium_than_there_is_room_for() -> None:
    crowded = ELECTRODES._replace(lithium=20.0)

    assert stoichiometry_limits(crowded, straight, empty_volts=3.1, full_volts=3.9) is None
