"""Who may have a Job now: never more than the limits, the oldest first, each namespace its turn."""

import random

from hypothesis import given
from hypothesis import strategies as st

from batterysim_operator.control.fair_queue import Key
from batterysim_operator.control.job_queue import NO_LIMITS, JobLimits, JobQueue


def keys(namespace: str, count: int) -> list[Key]:
    return [Key(namespace, f"{number:03}") for number in range(count)]


def ask_all(queue: JobQueue, wanted: list[Key]) -> list[int]:
    return [queue.ask(key, created=key.name) for key in wanted]


def test_without_limits_nobody_waits() -> None:
    assert ask_all(JobQueue(NO_LIMITS), keys("lab", 50)) == [0] * 50


def test_the_first_may_start_and_the_others_know_their_place() -> None:
    assert ask_all(JobQueue(JobLimits(total=2)), keys("lab", 5)) == [0, 0, 1, 2, 3]


def test_asking_again_changes_nothing() -> None:
    queue = JobQueue(JobLimits(total=1))
    first, second = keys("lab", 2)

    assert [queue.ask(key, key.name) for key in (first, second, first, second, second)] == [0, 1, 0, 1, 1]


def test_one_that_ends_makes_room_for_the_oldest() -> None:
    queue = JobQueue(JobLimits(total=1))
    first, second, third = keys("lab", 3)
    ask_all(queue, [first, third, second])

    assert queue.leave(first) == [second]
    assert queue.leave(second) == [third]
    assert queue.leave(third) == []


def test_a_deleted_one_leaves_the_queue() -> None:
    queue = JobQueue(JobLimits(total=1))
    first, second, third = keys("lab", 3)
    ask_all(queue, [first, second, third])

    assert queue.leave(second) == []
    assert queue.ask(third, third.name) == 1
    assert queue.leave(first) == [third]


def test_a_namespace_that_comes_late_does_not_wait_for_all_of_another() -> None:
    queue = JobQueue(JobLimits(total=2))
    many, late = keys("many", 20), keys("late", 2)
    ask_all(queue, many)

    assert queue.ask(late[0], "999") == 2  # one of the other namespace's before it
    assert queue.leave(many[0]) == [late[0]]


def test_a_namespace_has_a_limit_of_its_own() -> None:
    queue = JobQueue(JobLimits(total=3, per_namespace=1))

    assert ask_all(queue, keys("a", 2)) == [0, 1]
    assert ask_all(queue, keys("b", 1)) == [0]


def test_jobs_that_were_there_before_the_start_count() -> None:
    queue = JobQueue(JobLimits(total=2))
    before, new, newer = keys("lab", 3)
    queue.occupy(before)

    assert ask_all(queue, [new, newer]) == [0, 1]


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_whatever_happens_there_are_never_too_many_and_all_get_their_turn(
    total: int, per_namespace: int, seed: int
) -> None:
    queue, dice = JobQueue(JobLimits(total, per_namespace)), random.Random(seed)
    waiting = [key for name in "abc" for key in keys(name, 8)]
    active: set[Key] = set()
    ended: set[Key] = set()
    for _ in range(400):
        if waiting and dice.random() < 0.5:
            key = waiting.pop(dice.randrange(len(waiting)))
            if queue.ask(key, key.name) == 0:
                active.add(key)
        elif active:
            key = dice.choice(sorted(active))
            active.remove(key)
            ended.add(key)
            active.update(queue.leave(key))
        assert len(active) <= total
        assert all(sum(key.namespace == name for key in active) <= per_namespace for name in "abc")
        assert not active & ended
    assert len(ended) == 24
