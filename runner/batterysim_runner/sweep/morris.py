"""Trajectories for Morris's elementary effects.

Source: M. D. Morris, Factorial Sampling Plans for Preliminary Computational Experiments, Technometrics 33
(1991) 161-174. SciPy has none, and SALib would bring pandas and Matplotlib into the runner.
"""

import numpy as np
from numpy.typing import NDArray

Units = NDArray[np.float64]
"""Numbers from 0 to 1, shape (points, variations)."""


def step_of(levels: int) -> float:
    """Return by how much of its range a variation changes: every level is a start as often as an end."""
    return levels / (2 * (levels - 1))


def trajectory(seed: int, number: int, dimensions: int, levels: int) -> Units:
    """Return the points of a trajectory, which depend on no other: in each, one variation has changed."""
    generator = np.random.default_rng([seed, number])
    low = generator.integers(0, levels // 2, dimensions) / (levels - 1)
    high = low + step_of(levels)
    rises = generator.integers(0, 2, dimensions) == 1
    points = np.tile(np.where(rises, low, high), (dimensions + 1, 1))
    for change, place in enumerate(generator.permutation(dimensions), 1):
        points[change:, place] = high[place] if rises[place] else low[place]
    return points.clip(0, 1)


def trajectories(seed: int, dimensions: int, levels: int, start: int, stop: int) -> Units:
    """Return the points from start up to, but not including, stop."""
    length = dimensions + 1
    first, last = start // length, -(-stop // length)
    points = np.concatenate([trajectory(seed, number, dimensions, levels) for number in range(first, last)])
    return points[start - first * length : stop - first * length]
