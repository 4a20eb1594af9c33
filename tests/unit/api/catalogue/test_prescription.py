"""What protocols set over time: values, scale, repetitions and length."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.catalogue.prescription import (
    SEAM_SECONDS,
    Prescription,
    duration_seconds,
    prescription,
    repeated,
)
from batterysim.catalogue.profile_csv import Table
from tests.builders import Json, constant_current, spec_of

tables = st.lists(st.tuples(st.floats(0.5, 100), st.floats(-10, 10)), min_size=2, max_size=20).map(
    lambda rows: Table((0.0, *np.cumsum([step for step, _ in rows[1:]])), tuple(value for _, value in rows))
)


def prescribed(protocol: Json) -> Prescription:
    found = prescription(spec_of(protocol=protocol).protocol)
    assert found is not None
    return found


def test_a_constant_current_is_its_value() -> None:
    assert prescribed(constant_current(-2.5, 60)) == Prescription("Current", 60, -2.5)


def test_a_c_rate_is_left_to_the_cell() -> None:
    found = prescribed({"constantCurrent": {"cRate": 0.5, "durationSeconds": 60}})

    assert (found.value, found.is_rate) == (0.5, True)


@pytest.mark.parametrize(
    "heading", ["", "Time [s],C-rate\n", "t [min],C-rate [C]\n", "time / h,C-rate / 1/h\n"]
)
def test_a_profile_of_c_rates_is_left_to_the_cell(heading: str) -> None:
    found = prescribed({"profile": {"quantity": "CRate", "csv": f"{heading}0,1\n60,-0.5\n", "scale": 2}})

    assert (found.quantity, found.is_rate) == ("Current", True)
    of_5_ampere_hours = found.in_amperes(5)
    assert of_5_ampere_hours.table is not None
    assert (of_5_ampere_hours.table.values, of_5_ampere_hours.is_rate) == ((10, -5), False)


def test_a_rest_is_no_current() -> None:
    assert prescribed({"rest": {"durationSeconds": 60}}) == Prescription("Current", 60)


def test_wltc_is_a_power_in_watts_of_one_of_4000_cells() -> None:
    found = prescribed({"driveCycle": {"name": "WLTC", "scale": 1 / 4000}})

    assert (found.quantity, found.duration_seconds) == ("Power", 1800)
    assert found.table is not None
    assert max(found.table.values) == pytest.approx(43.249505 * 1000 / 4000)


def test_us06_twice_is_twice_as_long_and_draws_twice_the_charge() -> None:
    once = prescribed({"driveCycle": {"name": "US06"}}).whole_table()
    twice = prescribed({"driveCycle": {"name": "US06", "repeat": 2}}).whole_table()
    assert once is not None
    assert twice is not None

    assert twice.duration_seconds == 1200
    assert _integral(twice) == pytest.approx(2 * _integral(once), rel=1e-9)


def test_a_profile_is_scaled() -> None:
    found = prescribed({"profile": {"quantity": "Current", "csv": "0,1\n60,2\n", "scale": -0.5}})

    assert found.table == ((0.0, 60.0), (-0.5, -1.0))


@given(tables, st.integers(1, 5))
def test_repetitions_take_as_much_longer_and_integrate_to_as_much(table: Table, times: int) -> None:
    whole = repeated(table, times)

    assert whole.duration_seconds == pytest.approx(times * table.duration_seconds)
    assert (np.diff(whole.times_seconds) > 0).all()
    # at each seam, the ramp's triangle
    assert _integral(whole) == pytest.approx(times * _integral(table), abs=times * 20 * SEAM_SECONDS)


@given(tables, st.integers(1, 5))
def test_the_points_can_be_counted_without_making_them(table: Table, times: int) -> None:
    counted = Prescription("Current", times * table.duration_seconds, table=table, repeat=times).point_count

    assert counted == len(repeated(table, times).times_seconds)


def test_where_the_ends_differ_the_seam_is_half_a_microsecond_long() -> None:
    whole = repeated(Table((0.0, 60.0), (1.0, 2.0)), 2)

    assert whole == ((0.0, 60.0, 60.0 + 5e-7, 120.0), (1.0, 2.0, 1.0, 2.0))


def test_where_the_ends_are_equal_there_is_no_seam() -> None:
    whole = repeated(Table((0.0, 30.0, 60.0), (1.0, 2.0, 1.0)), 2)

    assert whole == ((0.0, 30.0, 60.0, 90.0, 120.0), (1.0, 2.0, 1.0, 2.0, 1.0))


def test_a_seam_is_there_even_at_the_end_of_a_year() -> None:
    whole = repeated(Table((0.0, 1e-6, 1e7), (0.0, 5.0, 5.0)), 3)

    assert (np.diff(whole.times_seconds) > 0).all()


@pytest.mark.parametrize(
    ("protocol", "seconds"),
    [
        ({"constantVoltage": {"volts": 4.0, "durationSeconds": 60}}, 60),
        ({"constantPower": {"powerWatts": 1, "durationSeconds": 60}}, 60),
        ({"driveCycle": {"name": "UDDS", "repeat": 3}}, 3 * 1369),
        ({"cccv": {"chargeCRate": 0.5}}, None),
        ({"experiment": {"steps": ["Rest for 1 hour"]}}, None),
        ({"impedance": {}}, None),
    ],
)
def test_the_length_is_known_where_it_can_be(protocol: Json, seconds: float | None) -> None:
    assert duration_seconds(spec_of(protocol=protocol).protocol) == seconds


def _integral(table: Table) -> float:
    return float(np.trapezoid(table.values, table.times_seconds))
