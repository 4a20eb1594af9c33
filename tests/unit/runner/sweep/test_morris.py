"""Trajectories of Morris's design: one variation changes at a time, by the same step."""

import numpy as np
import pytest

from batterysim_runner.sweep.morris import step_of, trajectories, trajectory

MANY = 2000


@pytest.mark.parametrize(("levels", "step"), [(2, 1), (4, 2 / 3), (10, 5 / 9)])
def test_each_variation_changes_once_by_one_step(levels: int, step: float) -> None:
    for number in range(20):
        changes = np.diff(trajectory(3, number, 5, levels), axis=0)

        assert np.count_nonzero(changes, axis=0).tolist() == [1] * 5
        assert np.count_nonzero(changes, axis=1).tolist() == [1] * 5
        assert abs(changes[changes != 0]) == pytest.approx([step] * 5)
    assert step_of(levels) == pytest.approx(step)


def test_every_level_is_as_frequent_in_either_direction() -> None:
    first = np.array([trajectory(1, number, 1, 4)[:, 0] for number in range(MANY)])

    assert np.unique(first.round(9)).tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    counts = np.unique(first.round(9), return_counts=True)[1] / first.size
    assert counts == pytest.approx([0.25] * 4, abs=0.03)
    assert (first[:, 1] > first[:, 0]).mean() == pytest.approx(0.5, abs=0.03)


def test_every_variation_is_as_often_the_first_to_change() -> None:
    moved = [np.flatnonzero(np.diff(trajectory(1, number, 3, 4)[:2], axis=0)[0])[0] for number in range(MANY)]

    assert np.bincount(moved) / MANY == pytest.approx([1 / 3] * 3, abs=0.03)


def test_points_are_those_of_the_trajectories_one_after_the_other() -> None:
    whole = np.concatenate([trajectory(9, number, 2, 4) for number in range(5)])

    assert trajectories(9, 2, 4, 4, 11).tolist() == whole[4:11].tolist()
