"""Which cycles are recorded, and what they say about the cell's health."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from batterysim.cycle_record import (
    MAX_RECORDED_CYCLES,
    MAX_RECORDED_STEPS,
    Ageing,
    CycleRecord,
    is_regular,
    state_of_health,
)


def cycle(number: int, capacity: float | None) -> CycleRecord:
    return CycleRecord(
        cycle=number,
        end_time_seconds=7200.0 * number,
        discharge_capacity_ampere_hours=5,
        charge_capacity_ampere_hours=5,
        discharge_energy_watt_hours=18,
        charge_energy_watt_hours=19,
        min_volts=2.5,
        mean_volts=3.7,
        max_volts=4.2,
        ageing=Ageing(capacity_ampere_hours=capacity),
    )


@given(st.integers(1, 10_000), st.integers(1, 100))
def test_the_first_cycle_is_regular_and_never_too_many_are(cycles: int, steps: int) -> None:
    regular = [number for number in range(1, cycles + 1) if is_regular(number, cycles, steps)]

    assert regular[0] == 1
    assert len(set(np.diff(regular))) <= 1
    assert len(regular) <= MAX_RECORDED_CYCLES
    assert len(regular) * steps <= MAX_RECORDED_STEPS


def test_all_are_recorded_while_there_is_room() -> None:
    assert all(is_regular(number, 500, 6) for number in range(1, 501))


def test_the_state_of_health_is_what_is_left_of_the_first_cycles_capacity() -> None:
    assert state_of_health([cycle(1, 5.0), cycle(2, 4.9), cycle(3, 4.5)]) == 0.9


def test_there_is_no_state_of_health_without_two_capacities() -> None:
    assert state_of_health([]) is None
    assert state_of_health([cycle(1, 5.0)]) is None
    assert state_of_health([cycle(1, 5.0), cycle(2, None)]) is None
