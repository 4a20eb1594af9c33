"""The points of sampled designs: from the seed alone, in any order, and as many as there are."""

import math
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, norm, sobol_indices

from batterysim_runner.sweep.design import Points
from tests.builders import Json
from tests.unit.api.sweep.builders import C_RATE, THICKNESS, sweep_of

RATE: Json = {"field": C_RATE, "range": {"from": 0.5, "to": 2, "scale": "Log"}}
TEMPERATURE: Json = {"field": "cell.ambientTemperatureCelsius", "range": {"from": 0, "to": 45}}
NORMAL: Json = {"mean": 8.5e-5, "standardDeviation": 2e-6}
DESIGNS = ["random", "latinHypercube", "sobol"]

sizes = st.integers(1, 40)


def points(design: Json, *vary: Json) -> Points:
    return Points(sweep_of(*(vary or (RATE, TEMPERATURE)), design=design))


def column(found: Points, place: int = 0) -> np.ndarray[Any, Any]:
    return np.array([point[place] for point in found.values(0, found.count)])


@pytest.mark.parametrize("name", [*DESIGNS, "saltelli", "morris"])
@settings(deadline=None, max_examples=10)
@given(cuts=st.lists(st.integers(0, 32), min_size=1, max_size=4), seed=st.integers(0, 2**53))
def test_points_are_the_same_in_whatever_portions(name: str, cuts: list[int], seed: int) -> None:
    size = {"saltelli": {"baseSamples": 8}, "morris": {"trajectories": 11}}.get(name, {"points": 32})
    found = points({name: {**size, "seed": seed}})
    ends = sorted({0, *cuts, found.count})

    portions = [found.values(start, stop) for start, stop in pairwise(ends)]

    assert list(chain.from_iterable(portions)) == found.values(0, found.count)
    assert len(found.values(0, found.count)) == (33 if name == "morris" else 32)


@pytest.mark.parametrize("name", ["random", "sobol"])
@settings(deadline=None, max_examples=10)
@given(few=sizes, more=sizes, seed=st.integers(0, 2**53))
def test_more_points_keep_the_old_ones(name: str, few: int, more: int, seed: int) -> None:
    small = points({name: {"points": few, "seed": seed}})
    large = points({name: {"points": few + more, "seed": seed}})

    assert large.values(0, few) == small.values(0, few)


def test_more_trajectories_keep_the_old_ones() -> None:
    small, large = (points({"morris": {"trajectories": count, "seed": 5}}) for count in (4, 9))

    assert large.values(0, 12) == small.values(0, 12)


@pytest.mark.parametrize("name", DESIGNS)
def test_values_stay_within_their_range(name: str) -> None:
    found = points({name: {"points": 200, "seed": 1}})

    assert 0.5 <= column(found).min() < column(found).max() <= 2
    assert math.exp(np.log(column(found)).mean()) == pytest.approx(1, rel=0.1)  # the middle of a logarithm
    assert column(found, 1).mean() == pytest.approx(22.5, rel=0.1)


def test_a_latin_hypercube_has_one_value_in_each_part() -> None:
    found = points({"latinHypercube": {"points": 10, "seed": 3}})

    assert sorted(np.floor(column(found, 1) / 4.5)) == list(range(10))


@pytest.mark.parametrize("name", DESIGNS)
def test_a_normal_distribution_is_one(name: str) -> None:
    found = points(
        {name: {"points": 1024, "seed": 1}}, {"parameter": THICKNESS, "distribution": {"normal": NORMAL}}
    )

    assert kstest(column(found), norm(8.5e-5, 2e-6).cdf).pvalue > 0.01


def test_a_normal_distribution_ends_where_it_is_cut_off() -> None:
    cut = NORMAL | {"lowest": 8.4e-5, "highest": 8.6e-5}
    found = points({"sobol": {"points": 256}}, {"parameter": THICKNESS, "distribution": {"normal": cut}})

    assert 8.4e-5 <= column(found).min() < 8.41e-5
    assert 8.59e-5 < column(found).max() <= 8.6e-5


def test_a_log_normal_distribution_has_two_thirds_within_its_factor() -> None:
    distribution = {"logNormal": {"median": 8.5e-5, "factor": 1.05}}
    found = points({"sobol": {"points": 1024}}, {"parameter": THICKNESS, "distribution": distribution})

    within = (column(found) > 8.5e-5 / 1.05) & (column(found) < 8.5e-5 * 1.05)
    assert within.mean() == pytest.approx(0.6827, abs=0.005)


def test_words_and_values_are_drawn_alike() -> None:
    found = points(
        {"sobol": {"points": 64}},
        {"field": "model.family", "words": ["SPM", "DFN"]},
        {"field": C_RATE, "values": [0.5, 1, 2, 3]},
    )

    assert [list(column(found)).count(word) for word in ("SPM", "DFN")] == [32, 32]
    assert [list(column(found, 1)).count(rate) for rate in (0.5, 1, 2, 3)] == [16, 16, 16, 16]


def test_saltelli_gives_the_points_that_sobols_indices_need() -> None:
    """Of f = 3 a + b with uniform a and b, a has 9/10 of the variance."""
    unit = {"from": 0, "to": 1}
    first, second = ({"field": field, "range": unit} for field in ("cell.initialStateOfCharge", "solver.x"))
    second["field"] = C_RATE
    found = np.array(points({"saltelli": {"baseSamples": 512, "seed": 5}}, first, second).values(0, 2048))
    results = (3 * found[:, 0] + found[:, 1]).reshape(-1, 4)

    given_results = {
        "f_A": results[:, 0][np.newaxis],
        "f_AB": results[:, 1:3].T[:, np.newaxis],
        "f_B": results[:, 3][np.newaxis],
    }
    indices = sobol_indices(func=given_results, n=512)
    assert indices.first_order == pytest.approx([0.9, 0.1], abs=0.01)


@pytest.mark.parametrize("design", [{"random": {"points": 64}}, {"sobol": {"points": 64}}, {"grid": {}}])
def test_equal_specs_have_equal_hashes(design: Json) -> None:
    vary = [{"field": C_RATE, "range": {"from": 0.5, "to": 2, "points": 5}}]

    assert points(design, *vary).sha256() == points(design, *vary).sha256()


def test_another_value_or_seed_is_another_hash() -> None:
    hashes = {
        points({"sobol": {"points": 64}}).sha256(),
        points({"sobol": {"points": 64, "seed": 1}}).sha256(),
        points({"sobol": {"points": 65}}).sha256(),
        points({"sobol": {"points": 64}}, TEMPERATURE, RATE).sha256(),
        points({"grid": {}}, {"field": "model.family", "words": ["SPM", "DFN"]}).sha256(),
    }

    assert len(hashes) == 5


def test_the_hash_of_a_grid_is_known() -> None:
    """So that a change of how points are computed is seen."""
    found = points({"grid": {}}, {"field": C_RATE, "values": [0.5, 1]})

    assert found.sha256() == "363d931777a1ac8c3ef7c69dc4b262df8d96162e2236c67b9430a35fb4b62d94"
