"""Points that are combinations of written values."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.sweep.corners import corners
from batterysim.sweep.points import Listed, axes, count_points
from batterysim.sweep.values import levels, with_values
from batterysim.sweep.variation import Variation
from tests.unit.api.sweep.builders import C_RATE, THICKNESS, sweep_of

TEMPERATURE = "cell.ambientTemperatureCelsius"

c_rates = st.lists(st.floats(0.1, 3), min_size=1, max_size=5)
temperatures = st.lists(st.floats(0, 45), min_size=1, max_size=4)


@given(c_rates, temperatures)
def test_a_grid_has_every_value_with_every_other(first: list[float], second: list[float]) -> None:
    spec = sweep_of({"field": C_RATE, "values": first}, {"field": TEMPERATURE, "values": second})

    points = [Listed(spec).values(number) for number in range(count_points(spec))]

    assert points == list(itertools.product(first, second))


@given(st.lists(st.tuples(st.floats(0.1, 3), st.floats(0, 45)), min_size=1, max_size=9))
def test_a_zip_has_the_values_in_step(pairs: list[tuple[float, float]]) -> None:
    spec = sweep_of(
        {"field": C_RATE, "values": [pair[0] for pair in pairs]},
        {"field": TEMPERATURE, "values": [pair[1] for pair in pairs]},
        design={"zip": {}},
    )

    assert [Listed(spec).values(number) for number in range(count_points(spec))] == pairs


@given(st.floats(1e-18, 1e3), st.floats(1.001, 1e6), st.integers(2, 50), st.sampled_from(["Linear", "Log"]))
def test_a_range_keeps_its_ends_and_rises_evenly(low: float, ratio: float, points: int, scale: str) -> None:
    interval = {"from": low, "to": low * ratio, "points": points, "scale": scale}
    found = [
        float(value) for value in levels(Variation.model_validate({"field": C_RATE, "range": interval}), None)
    ]

    assert (found[0], found[-1], len(found)) == (low, low * ratio, points)
    steps = [
        after / before if scale == "Log" else after - before for before, after in itertools.pairwise(found)
    ]
    assert all(math.isclose(step, steps[0], rel_tol=1e-6) for step in steps)


def test_factors_multiply_the_cells_own_value() -> None:
    spec = sweep_of({"parameter": THICKNESS, "factors": {"from": 0.5, "to": 2, "points": 3}})

    assert [Listed(spec).values(number) for number in range(3)] == [
        (pytest.approx(0.5 * 8.52e-5),),
        (pytest.approx(1.25 * 8.52e-5),),
        (pytest.approx(2 * 8.52e-5),),
    ]


def test_factors_of_a_field_multiply_its_own_value() -> None:
    spec = sweep_of({"field": "solver.relativeTolerance", "factors": {"from": 0.1, "to": 10, "points": 2}})

    assert [Listed(spec).values(number)[0] for number in range(2)] == [
        pytest.approx(1e-5),
        pytest.approx(1e-3),
    ]


def test_a_table_names_fields_and_parameters() -> None:
    csv = f"{C_RATE},{THICKNESS},model.family\n1,8e-5,SPM\n\n2,9e-5,DFN\n"
    spec = sweep_of(design={"table": {"csv": csv}})

    assert [axis.path[-1] for axis in axes(spec)] == ["cRate", THICKNESS, "family"]
    assert [Listed(spec).values(number) for number in range(count_points(spec))] == [
        (1.0, 8e-5, "SPM"),
        (2.0, 9e-5, "DFN"),
    ]


@pytest.mark.parametrize(
    ("design", "count"),
    [
        ({"random": {"points": 7}}, 7),
        ({"latinHypercube": {"points": 8}}, 8),
        ({"sobol": {"points": 16, "seed": 3}}, 16),
        ({"saltelli": {"baseSamples": 8}}, 8 * 4),
    ],
)
def test_a_sampled_design_says_its_number_of_points(design: dict[str, object], count: int) -> None:
    spec = sweep_of(
        {"field": C_RATE, "range": {"from": 0.5, "to": 2}},
        {"parameter": THICKNESS, "distribution": {"normal": {"mean": 8.5e-5, "standardDeviation": 2e-6}}},
        design=design,
    )

    assert count_points(spec) == count


def test_corners_are_all_combinations_of_the_ends() -> None:
    spec = sweep_of(
        {"field": C_RATE, "values": [2, 0.5, 1]},
        {
            "parameter": THICKNESS,
            "distribution": {"normal": {"mean": 8.5e-5, "standardDeviation": 2e-6, "highest": 9e-5}},
        },
        design={"sobol": {"points": 16}},
    )

    low = pytest.approx(7.9e-5)
    assert list(corners(spec)) == [(0.5, low), (0.5, 9e-5), (2.0, low), (2.0, 9e-5)]


def test_of_many_variations_only_some_corners_are_checked() -> None:
    parameters = [
        "Negative electrode thickness [m]",
        "Positive electrode thickness [m]",
        "Separator thickness [m]",
        "Negative particle radius [m]",
        "Positive particle radius [m]",
        "Separator porosity",
        "Negative electrode porosity",
        "Positive electrode porosity",
    ]
    spec = sweep_of(
        *({"parameter": name, "factors": {"from": 0.9, "to": 1.0}} for name in parameters),
        design={"sobol": {"points": 16}},
    )

    assert len(list(corners(spec))) == 2 + 2 * len(parameters)


def test_a_points_values_take_the_place_of_the_simulations_own() -> None:
    spec = sweep_of({"field": C_RATE, "values": [0.5, 1]}, {"parameter": THICKNESS, "values": [9e-5]})
    base = spec.simulation.to_json_dict()

    changed = with_values(base, [axis.path for axis in axes(spec)], Listed(spec).values(0))

    assert changed["protocol"] == {"constantCurrent": {"cRate": 0.5, "durationSeconds": 7200.0}}
    assert changed["cell"]["parameters"] == {THICKNESS: 9e-5}
    assert base == spec.simulation.to_json_dict()


def test_each_trajectory_has_a_point_more_than_there_are_variations() -> None:
    ranges = [
        {"field": C_RATE, "range": {"from": 0.5, "to": 2}},
        {"field": "cell.ambientTemperatureCelsius", "range": {"from": 0, "to": 45}},
    ]

    assert count_points(sweep_of(*ranges, design={"morris": {"trajectories": 8}})) == 8 * 3
