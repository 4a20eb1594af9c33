"""How points are divided among pods."""

import pytest

from batterysim.sweep.cluster.shards import count_shards, points_of_shard
from tests.builders import Json
from tests.unit.api.sweep.builders import C_RATE, sweep_of


@pytest.mark.parametrize(
    ("points", "run", "shards"),
    [
        (10, {}, 2),
        (1, {}, 1),
        (12_000, {}, 3),
        (12_000, {"parallelism": 8}, 8),
        (100, {"shards": 7}, 7),
        (5, {"shards": 7}, 5),
    ],
)
def test_there_are_as_many_shards_as_pods_and_points_need(points: int, run: Json, shards: int) -> None:
    spec = sweep_of(
        {"field": C_RATE, "range": {"from": 0.5, "to": 1}}, design={"random": {"points": points}}, run=run
    )

    assert count_shards(spec) == shards


def test_each_point_is_in_one_shard() -> None:
    shards = [points_of_shard(1003, 7, shard) for shard in range(7)]

    assert [number for shard in shards for number in shard] == list(range(1003))
    assert {len(shard) for shard in shards} == {143, 144}


def test_a_shard_beyond_the_points_is_empty() -> None:
    assert [len(points_of_shard(1, 3, shard)) for shard in range(3)] == [0, 0, 1]
