"""How a sweep's points are divided among pods: a shard is a run of neighbouring points, solved by one pod."""

from batterysim.failure import FailureReason
from batterysim.problem import Problem
from batterysim.sweep.points import count_points
from batterysim.sweep.spec import BatterySweepSpec

POINTS_PER_SHARD = 5000
MAX_POINTS_PER_SHARD = 50_000
"""A shard is sorted in memory when its points are read."""


def count_shards(spec: BatterySweepSpec) -> int:
    """Return the number of shards. A table that is still in a ConfigMap gets one for each pod."""
    points = count_points(spec)
    if spec.run.shards is not None:
        wanted = spec.run.shards
    else:
        wanted = max(-(-points // POINTS_PER_SHARD), spec.run.parallelism)
    return min(wanted, points) if points else wanted


def points_of_shard(points: int, shards: int, shard: int) -> range:
    """Return the numbers of the points of a shard. Their counts differ by one at most.

    >>> [points_of_shard(5, 2, shard) for shard in range(2)]
    [range(0, 2), range(2, 5)]
    """
    return range(points * shard // shards, points * (shard + 1) // shards)


def shard_of_point(points: int, shards: int, point: int) -> int:
    """Return the shard that has a point.

    >>> [shard_of_point(5, 2, point) for point in range(5)]
    [0, 0, 1, 1, 1]
    """
    return ((point + 1) * shards - 1) // points


def shard_problems(spec: BatterySweepSpec) -> list[Problem]:
    """Return whether a shard has too many points for a cluster."""
    points, shards = count_points(spec), count_shards(spec)
    if points <= shards * MAX_POINTS_PER_SHARD:
        return []
    least = -(-points // MAX_POINTS_PER_SHARD)
    message = f"{shards} shards have more than {MAX_POINTS_PER_SHARD} points each: use {least} or more"
    return [Problem(FailureReason.INVALID_SPEC, "spec.run.shards", message)]
