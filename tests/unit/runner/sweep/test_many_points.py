"""A sweep's processes take no more memory for more points."""

from pathlib import Path

from evidence.many_points import compile_equations, watched

PART_MEGABYTES = 8
"""What a part of 500 rows takes while it is written, by more than enough."""

POD_MEGABYTES = 200


def test_the_memory_of_a_shard_does_not_grow_with_its_points(tmp_path: Path) -> None:
    compile_equations(tmp_path)

    few, many = watched(600, tmp_path), watched(4_000, tmp_path)

    assert (many.rows, many.distinct, many.failed) == (4_000, 4_000, 2_000)
    assert many.megabytes < few.megabytes + PART_MEGABYTES
    assert many.all_megabytes < POD_MEGABYTES
