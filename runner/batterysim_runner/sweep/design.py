"""The values of each point of a sweep, computed from the spec alone: equal specs, equal points."""

import hashlib
import struct
import warnings
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from batterysim.sweep.points import Axis, Listed, axes, count_points
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.values import Value, at, own_value, scaled
from batterysim.sweep.variation import Normal, Variation
from batterysim_runner.sweep.morris import trajectories

Units = NDArray[np.float64]
"""Numbers from 0 to 1, shape (points, variations)."""

Point = tuple[Value, ...]

SMALLEST = 2.0**-53
"""A distribution without limits has no finite value at 0 and 1."""

NUMBERS_PER_STEP = 4
"""The Philox generator makes this many numbers for each step of its counter."""

PORTION = 10_000


class Points:
    """The points of a sweep, by their numbers from 0. Any of them can be computed without those before it,
    but for the Latin hypercube, whose points depend on one another.
    """

    def __init__(self, spec: BatterySweepSpec) -> None:
        self._spec = spec
        self.axes: Sequence[Axis] = axes(spec)
        self.count: int = count_points(spec)

    def values(self, start: int, stop: int) -> list[Point]:
        """Return the values of the points from start up to, but not including, stop."""
        if not self._spec.design.is_sampled:
            return [self._listed.values(number) for number in range(start, stop)]
        units = self._units(start, stop).clip(SMALLEST, 1 - SMALLEST)
        columns = [
            _values(variation, units[:, place], own)
            for place, (variation, own) in enumerate(zip(self._spec.vary, self._own, strict=True))
        ]
        return list(zip(*columns, strict=True))

    def of(self, numbers: Iterable[int]) -> dict[int, Point]:
        """Return the values of points by their numbers. Neighbours are computed together."""
        found: dict[int, Point] = {}
        ordered = sorted(numbers)
        start = 0
        for end in range(1, len(ordered) + 1):
            if end == len(ordered) or ordered[end] != ordered[end - 1] + 1:
                run = ordered[start:end]
                found |= zip(run, self.values(run[0], run[-1] + 1), strict=True)
                start = end
        return found

    def sha256(self) -> str:
        """Return the hash of all values of all points."""
        digest = hashlib.sha256("\n".join(axis.name for axis in self.axes).encode())
        for start in range(0, self.count, PORTION):
            for point in self.values(start, min(start + PORTION, self.count)):
                digest.update(b"".join(map(_bytes, point)))
        return digest.hexdigest()

    @cached_property
    def _listed(self) -> Listed:
        return Listed(self._spec)

    @cached_property
    def _own(self) -> list[float | None]:
        return [own_value(variation, self._spec.simulation) for variation in self._spec.vary]

    def _units(self, start: int, stop: int) -> Units:
        design, dimensions = self._spec.design, len(self._spec.vary)
        if design.random is not None:
            return _random(design.random.seed, dimensions, start, stop)
        if design.latin_hypercube is not None:
            return self._latin_hypercube[start:stop]
        if design.sobol is not None:
            return _sobol(design.sobol.seed, dimensions, start, stop)
        if design.morris is not None:
            return trajectories(design.morris.seed, dimensions, design.morris.levels, start, stop)
        assert design.saltelli is not None  # noqa: S101 - there is no other
        return _saltelli(design.saltelli.seed, dimensions, start, stop)

    @cached_property
    def _latin_hypercube(self) -> Units:
        from scipy.stats import qmc  # noqa: PLC0415 - slow to import

        given = self._spec.design.latin_hypercube
        assert given is not None  # noqa: S101 - asked before
        generator = np.random.default_rng(given.seed)
        return np.asarray(qmc.LatinHypercube(len(self._spec.vary), rng=generator).random(given.points))


def _random(seed: int, dimensions: int, start: int, stop: int) -> Units:
    generator = np.random.Philox(seed)
    steps, rest = divmod(start * dimensions, NUMBERS_PER_STEP)
    generator.advance(steps)
    numbers = np.random.Generator(generator).random(rest + (stop - start) * dimensions)
    return numbers[rest:].reshape(-1, dimensions)


def _sobol(seed: int, dimensions: int, start: int, stop: int) -> Units:
    from scipy.stats import qmc  # noqa: PLC0415 - slow to import

    sequence = qmc.Sobol(dimensions, rng=np.random.default_rng(seed))
    if start:  # SciPy cannot go forward by nothing
        sequence.fast_forward(start)
    with warnings.catch_warnings():
        # The description of the field says that a power of two is the best number of points.
        warnings.simplefilter("ignore", UserWarning)
        return np.asarray(sequence.random(stop - start))


def _saltelli(seed: int, dimensions: int, start: int, stop: int) -> Units:
    """Return rows of blocks: the point A, for each variation A with its value from B, and the point B."""
    block = dimensions + 2
    first, last = start // block, -(-stop // block)
    both = _sobol(seed, 2 * dimensions, first, last)
    a, b = both[:, :dimensions], both[:, dimensions:]
    blocks = np.repeat(a[:, np.newaxis], block, axis=1)
    for place in range(dimensions):
        blocks[:, place + 1, place] = b[:, place]
    blocks[:, -1] = b
    rows = blocks.reshape(-1, dimensions)
    return rows[start - first * block : stop - first * block]


def _values(variation: Variation, units: Units, own: float | None) -> Sequence[Value]:
    listed = variation.words or variation.values
    if listed is not None:
        return [listed[int(unit * len(listed))] for unit in units]
    if (interval := variation.interval) is not None:
        return [scaled(variation, at(interval, float(unit)), own) for unit in units]
    given = variation.distribution
    assert given is not None  # noqa: S101 - a rule
    from scipy.special import ndtri  # noqa: PLC0415 - only a distribution needs it

    if given.log_normal is not None:
        values = given.log_normal.median * given.log_normal.factor ** ndtri(units)
    else:
        assert given.normal is not None  # noqa: S101 - a rule
        values = _normal(given.normal, units)
    return [float(value) for value in values]


def _normal(normal: Normal, units: Units) -> Units:
    from scipy.special import ndtr, ndtri  # noqa: PLC0415 - see above

    low = -np.inf if normal.lowest is None else normal.lowest
    high = np.inf if normal.highest is None else normal.highest
    below, above = (ndtr((end - normal.mean) / normal.standard_deviation) for end in (low, high))
    values = normal.mean + normal.standard_deviation * ndtri(below + units * (above - below))
    return np.asarray(values).clip(low, high)


def _bytes(value: Value) -> bytes:
    if isinstance(value, str):
        text = value.encode()
        return struct.pack("<I", len(text)) + text
    return struct.pack("<d", value)
