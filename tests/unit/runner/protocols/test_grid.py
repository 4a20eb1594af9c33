"""Which points of time are solved for, and which the result has."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from batterysim.catalogue.parameters import drive_cycle
from batterysim.catalogue.prescription import duration_seconds, prescription
from batterysim_runner.protocols.grid import FEWEST, MIN_SMOOTH_INTERVALS, TimeGrid, time_grid
from tests.builders import Json, constant_current, spec_of, us06


def grid_of(**spec: Any) -> TimeGrid:
    """Return the grid of a spec."""
    parsed = spec_of(**spec)
    prescribed = prescription(parsed.protocol)
    assert prescribed is not None
    return time_grid(prescribed, parsed.output)


durations = st.floats(min_value=1e-3, max_value=31_536_000)
REPEATED: Json = {"profile": {"quantity": "Current", "csv": "0,0\n10,1\n1e6,2\n", "repeat": 30}}
protocols = st.one_of(
    durations.map(lambda seconds: constant_current(1, seconds)), st.just(us06()), st.just(REPEATED)
)


@st.composite
def grids(draw: st.DrawFn) -> TimeGrid:
    """Draw the grid of any protocol with any output that a spec may ask for."""
    protocol = draw(protocols)
    duration = duration_seconds(spec_of(protocol=protocol).protocol)
    assert duration is not None
    shortest = max(0.001, duration / 5000)
    output: dict[str, Any] = draw(
        st.one_of(
            st.just({}),
            st.fixed_dictionaries({"points": st.integers(2, 5000)}),
            st.fixed_dictionaries({"periodSeconds": st.floats(shortest, 31_536_000)}),
        )
    )
    return grid_of(protocol=protocol, output=output)


@given(grids())
def test_each_array_increases_from_0_to_the_end(grid: TimeGrid) -> None:
    for times in (grid.knots, grid.output, grid.integration):
        assert times[0] == 0
        assert times[-1] == grid.knots[-1]
        assert (np.diff(times) > 0).all()


@given(grids())
def test_the_integration_grid_has_exactly_the_points_of_the_result(grid: TimeGrid) -> None:
    assert np.isin(grid.output, grid.integration).all()


@given(grids())
def test_the_integration_grid_has_each_knot_or_a_point_that_only_rounding_tells_from_it(
    grid: TimeGrid,
) -> None:
    distance = np.abs(grid.integration[:, None] - grid.knots[None, :]).min(axis=0)

    assert (distance <= 1e-14 * grid.knots[-1]).all()


def test_a_seam_is_in_the_integration_grid_whatever_the_result_has() -> None:
    grid = grid_of(protocol=REPEATED, output={"points": 31})  # a point at each seam's begin

    assert np.isin(grid.knots, grid.integration).all()


@given(grids())
def test_the_integration_grid_is_fine(grid: TimeGrid) -> None:
    assert len(grid.integration) - 1 >= MIN_SMOOTH_INTERVALS


def test_a_constant_current_has_101_points_unless_told_otherwise() -> None:
    grid = grid_of(protocol=constant_current(5, 3600))

    assert grid.output.tolist() == np.linspace(0, 3600, 101).tolist()
    assert grid.knots.tolist() == [0, 3600]
    assert len(grid.integration) == 801


def test_a_drive_cycle_has_its_own_points_and_the_solver_stops_at_each() -> None:
    grid = grid_of(protocol=us06())

    assert tuple(grid.output) == tuple(grid.knots) == drive_cycle("US06").times_seconds
    assert len(grid.integration) == 4801


def test_a_number_of_points_includes_both_ends() -> None:
    grid = grid_of(protocol=constant_current(5, 100), output={"points": 3})

    assert grid.output.tolist() == [0, 50, 100]


@pytest.mark.parametrize(
    ("period", "times"),
    [
        (25, [0, 25, 50, 75, 100]),
        (30, [0, 30, 60, 90, 100]),  # does not divide the duration
        (100, [0, 100]),
        (250, [0, 100]),
    ],
)
def test_a_period(period: float, times: list[float]) -> None:
    grid = grid_of(protocol=constant_current(5, 100), output={"periodSeconds": period})

    assert grid.output.tolist() == times


def test_a_period_that_divides_the_duration_but_for_rounding_has_no_double_end() -> None:
    grid = grid_of(protocol=constant_current(5, 0.3), output={"periodSeconds": 0.1})

    assert grid.output.tolist() == [0.0, 0.1, 0.2, 0.3]


def test_points_that_miss_a_cycles_own_are_added_to_them_for_the_integration_only() -> None:
    grid = grid_of(protocol=us06(), output={"points": 8})

    assert len(grid.output) == 8
    assert np.isin(grid.knots, grid.integration).all()


@given(grids())
def test_each_point_that_halves_has_a_neighbour_on_both_sides(grid: TimeGrid) -> None:
    halving = grid.halving(grid.integration)

    assert not halving[0]
    assert not halving[-1]


def test_after_a_kink_the_points_are_dense_where_diffusion_is_fast() -> None:
    grid = grid_of(protocol=constant_current(5, 3600))

    assert grid.integration[:9] == pytest.approx([36 * (part / 8) ** 2 for part in range(9)])
    assert np.diff(grid.integration[8:]) == pytest.approx([4.5] * 792)


@given(grids(), st.floats(min_value=1e-5, max_value=0.999))
def test_a_run_that_ends_early_has_enough_points_before_its_end(grid: TimeGrid, part: float) -> None:
    end = part * grid.knots[-1]
    finer = grid.until(end)
    used = finer or grid

    assert (used.integration < end).sum() >= FEWEST * min(grid.least, len(grid.asked))


@given(grids(), st.floats(min_value=1e-5, max_value=0.999))
def test_a_finer_grid_still_has_all_points_before_the_end(grid: TimeGrid, part: float) -> None:
    end = part * grid.knots[-1]
    finer = grid.until(end)
    assume(finer is not None)
    assert finer is not None

    assert grid.is_default or np.isin(grid.asked[grid.asked < end], finer.integration).all()
    assert np.isin(finer.output[finer.output < end], finer.integration).all()
    assert (np.diff(finer.integration) > 0).all()
    assert finer.integration[-1] == grid.knots[-1]
    assert np.isin(finer.halves, finer.integration).all()


def test_the_points_lie_closer_towards_an_early_end() -> None:
    finer = grid_of(protocol=constant_current(1, 86_400)).until(3600)
    assert finer is not None
    steps = np.diff(finer.integration[finer.integration <= 3600])

    assert steps[-1] < 0.2 * steps.max()


def test_without_a_wish_the_result_has_as_many_points_until_an_early_end() -> None:
    protocol = constant_current(1, 86_400)
    finer, chosen = (
        grid_of(protocol=protocol, **output).until(3600) for output in ({}, {"output": {"points": 25}})
    )
    assert finer is not None
    assert chosen is not None

    assert (finer.output < 3600).sum() == 100
    assert list(chosen.output[:2]) == [0, 3600]


MEASURED = "Time [s],Voltage [V]\n" + "\n".join(f"{row / 50},3.9" for row in range(4100))
PULSES: Json = {"profile": {"quantity": "Current", "csv": "0,10\n10,10\n10.001,0\n1800,0\n", "repeat": 96}}


def test_measured_data_in_one_place_take_no_point_from_another() -> None:
    with_data, without = (
        grid_of(protocol=constant_current(1, 36_000), output=output)
        for output in ({"measured": [{"csv": MEASURED}]}, {})
    )

    assert np.isin(without.integration[without.integration > 400], with_data.integration).all()
    assert with_data.until(3500) is not None


def test_many_points_leave_the_time_after_a_kink_dense() -> None:
    grid = grid_of(protocol=PULSES, output={"periodSeconds": 30})
    pulse = grid.integration[(grid.integration >= 1800) & (grid.integration <= 1810)]

    assert len(grid.output) > 4000
    assert len(pulse) >= 9


def test_every_second_of_many_points_halves_an_interval_from_one_kink_to_the_next() -> None:
    smooth = grid_of(protocol=constant_current(5, 5000), output={"periodSeconds": 1})
    pulsed = grid_of(protocol=PULSES, output={"periodSeconds": 30})

    assert list(smooth.halves[4:8]) == [2, 4, 6, 8]
    assert np.isin(pulsed.output, pulsed.halves).sum() > 1000
    assert not np.isin(pulsed.knots, pulsed.halves).any()


def test_a_table_of_many_rows_stays_as_it_is() -> None:
    rows = "\n".join(f"{row},{row % 7}" for row in range(5001))
    grid = grid_of(protocol={"profile": {"quantity": "Current", "csv": rows}})

    assert len(grid.integration) == 5001
    assert not len(grid.halves)
