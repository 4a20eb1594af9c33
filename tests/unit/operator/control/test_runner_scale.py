"""How many pods of shared runners there are."""

from batterysim_operator.control.fair_queue import Key
from batterysim_operator.control.runner_scale import RunnerScale, SharedLoad, SharedRunners


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_simulation_counts_from_its_creation_to_its_end() -> None:
    load = SharedLoad()
    load.note(Key("lab", "a"), is_under_way=True)
    load.note(Key("lab", "a"), is_under_way=True)
    load.note(Key("lab", "b"), is_under_way=True)
    load.note(Key("lab", "a"), is_under_way=False)

    assert (load.count("lab"), load.count("plant")) == (1, 0)


def test_more_work_gets_more_pods_at_once_up_to_the_maximum() -> None:
    scale = RunnerScale(SharedRunners("lab", 1, 4, concurrency=2), Clock())

    assert [scale.pods(count, current=1) for count in (0, 2, 3, 8, 100)] == [1, 1, 2, 4, 4]


def test_pods_go_when_they_have_been_idle_for_long() -> None:
    clock = Clock()
    scale = RunnerScale(SharedRunners("lab", 1, 4, concurrency=2), clock)
    assert scale.pods(8, current=4) == 4

    for seconds, wanted in ((1, 4), (119, 4), (121, 1)):
        clock.seconds = seconds
        assert scale.pods(0, current=4) == wanted


def test_work_that_comes_meanwhile_keeps_them() -> None:
    clock = Clock()
    scale = RunnerScale(SharedRunners("lab", 1, 4, concurrency=2), clock)
    scale.pods(8, current=4)
    clock.seconds = 100
    scale.pods(7, current=4)
    clock.seconds = 200

    assert scale.pods(0, current=4) == 4


def test_after_a_start_of_the_operator_nothing_is_taken_away_at_once() -> None:
    clock = Clock()
    scale = RunnerScale(SharedRunners("lab", 1, 4), clock)

    assert scale.pods(0, current=3) == 3
