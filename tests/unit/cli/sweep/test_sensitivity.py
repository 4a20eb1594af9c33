"""Rankings from a sweep's table, of functions whose answer is known."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from batterysim import morris_effects, sobol_indices
from batterysim_runner.sweep.design import Points
from tests.unit.api.sweep.builders import C_RATE, sweep_of

TEMPERATURE = "cell.ambientTemperatureCelsius"


def ranked(values: np.ndarray[Any, Any], points: int | None = None, kind: str = "saltelli") -> pd.DataFrame:
    table = pd.DataFrame({"point": range(len(values)), "energy": values})
    table.attrs = {"varied": ["a", "b"], "design": {"points": points or len(values), "kind": kind}}
    return table


def along_trajectories(levels: int = 4) -> pd.DataFrame:
    """Return the points of a sweep from 0.5 to 2 C and from 0 to 40 °C."""
    design = {"morris": {"trajectories": 20, "levels": levels, "seed": 7}}
    rate = {"field": C_RATE, "range": {"from": 0.5, "to": 2}}
    temperature = {"field": TEMPERATURE, "range": {"from": 0, "to": 40}}
    found = Points(sweep_of(rate, temperature, design=design))
    table = pd.DataFrame(found.values(0, found.count), columns=[C_RATE, TEMPERATURE])
    table.insert(0, "point", range(found.count))
    table.attrs["varied"] = [C_RATE, TEMPERATURE]
    table.attrs["design"] = {"points": found.count, "kind": "morris", "levels": levels}
    return table


def test_indices_say_how_much_each_explains() -> None:
    generator = np.random.default_rng(1)
    a, b = generator.random((2, 4096, 2)).transpose(0, 2, 1)
    blocks = np.stack([a, np.stack([b[0], a[1]]), np.stack([a[0], b[1]]), b], axis=-1)

    indices = sobol_indices(ranked((3 * blocks[0] + blocks[1]).ravel()), "energy")

    assert list(indices.index) == ["a", "b"]
    assert indices.firstOrder.to_list() == pytest.approx([0.9, 0.1], abs=0.05)


def test_one_alone_explains_everything() -> None:
    a, b = np.random.default_rng(1).random((2, 4096))
    table = ranked(np.stack([a, b, b], axis=-1).ravel())
    table.attrs["varied"] = ["a"]

    indices = sobol_indices(table, "energy")

    assert indices.firstOrder.to_list() == pytest.approx([1], abs=0.05)
    assert indices.total.to_list() == pytest.approx([1], abs=0.05)


def test_indices_are_refused_where_values_are_missing() -> None:
    values = np.arange(16.0)
    values[[3, 5]] = np.nan

    with pytest.raises(ValueError, match="2 of 16 points have no energy"):
        sobol_indices(ranked(values), "energy")
    with pytest.raises(ValueError, match="4 of 20 points have no energy"):
        sobol_indices(ranked(np.arange(16.0), points=20), "energy")


def test_indices_need_their_own_design() -> None:
    with pytest.raises(ValueError, match="need a sweep with the design saltelli"):
        sobol_indices(ranked(np.arange(16.0), kind="sobol"), "energy")


@pytest.mark.parametrize("levels", [2, 4, 10])
def test_effects_of_a_sum_are_its_slopes_over_the_ranges(levels: int) -> None:
    table = along_trajectories(levels)
    table["energy"] = 3 * table[C_RATE] - 0.5 * table[TEMPERATURE]

    effects = morris_effects(table.sample(frac=1, random_state=1), "energy")

    assert list(effects.index) == [TEMPERATURE, C_RATE]
    assert list(effects["mean"]) == pytest.approx([-20, 4.5])
    assert list(effects.meanAbsolute) == pytest.approx([20, 4.5])
    assert list(effects.standardDeviation) == pytest.approx([0, 0], abs=1e-12)


def test_effects_that_depend_on_others_are_spread() -> None:
    table = along_trajectories()
    table["energy"] = (table[C_RATE] - 1.25) * (table[TEMPERATURE] - 20)

    effects = morris_effects(table, "energy")

    assert (effects.standardDeviation > abs(effects["mean"])).all()
    assert (effects.meanAbsolute > 0).all()


def test_effects_are_refused_where_values_are_missing_and_of_other_designs() -> None:
    table = along_trajectories()
    table["energy"] = 1.0
    table.loc[4, "energy"] = np.nan

    with pytest.raises(ValueError, match="1 of 60 points have no energy"):
        morris_effects(table, "energy")
    with pytest.raises(ValueError, match="need a sweep with the design morris"):
        morris_effects(ranked(np.arange(16.0)), "energy")
