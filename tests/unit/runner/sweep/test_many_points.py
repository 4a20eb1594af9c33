"""The process that watches a sweep's points takes no more memory for more of them."""

from evidence.many_points import watched

PART_MEGABYTES = 8
"""What a part of 500 rows takes while it is written, by more than enough."""


def test_the_memory_of_the_watching_process_does_not_grow_with_the_points() -> None:
    few, many = watched(600), watched(4_000)

    assert (many.rows, many.distinct, many.failed) == (4_000, 4_000, 2_000)
    assert many.megabytes < few.megabytes + PART_MEGABYTES
