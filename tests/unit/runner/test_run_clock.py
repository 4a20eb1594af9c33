"""Who is told how far a run is, and when its time is up."""

from batterysim.status import Progress
from batterysim_runner.run_clock import RunClock


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def run_clock(limit_seconds: float | None = None) -> tuple[RunClock, Clock, list[Progress]]:
    reports: list[Progress] = []
    clock = Clock()
    return RunClock(reports.append, clock, limit_seconds), clock, reports


def test_a_run_of_less_than_a_second_reports_nothing() -> None:
    run, clock, reports = run_clock()

    clock.seconds += 0.9
    run.tell(0.9, 3600)

    assert reports == []


def test_there_is_one_report_a_second_however_many_steps_there_are() -> None:
    run, clock, reports = run_clock()

    for step in range(100):
        clock.seconds += 0.25
        run.tell(step / 100, step * 60.0)

    assert len(reports) == 25


def test_a_report_says_where_the_run_is_and_when_it_will_be_there() -> None:
    run, clock, reports = run_clock()

    clock.seconds += 6
    run.tell(10 / 40, 5400, cycle=3, cycles=10, step=2, steps=4)

    assert reports == [
        Progress(
            percent=25,
            stage="Solving",
            simulated_seconds=5400,
            cycle=3,
            cycles=10,
            step=2,
            steps=4,
            eta_seconds=18,
        )
    ]


def test_the_time_that_is_left_is_guessed_from_this_process_alone() -> None:
    run, clock, reports = run_clock()
    run.resume(spent_seconds=500, done=0.5)

    clock.seconds += 10
    run.tell(0.75, 5400)

    assert reports[0].eta_seconds == 10


def test_a_first_report_without_any_step_done_guesses_nothing() -> None:
    run, clock, reports = run_clock()

    clock.seconds += 10
    run.tell(0, 0)

    assert reports[0].eta_seconds is None


def test_time_is_up_at_the_limit_and_never_without_one() -> None:
    limited, clock, _ = run_clock(limit_seconds=10)
    unlimited, *_ = run_clock()

    clock.seconds += 9.9
    assert not limited.time_is_up
    clock.seconds += 0.1
    assert limited.time_is_up
    assert not unlimited.time_is_up


def test_what_another_process_has_spent_counts() -> None:
    run, clock, _ = run_clock(limit_seconds=10)
    run.resume(spent_seconds=8, done=0.5)

    clock.seconds += 2

    assert run.time_is_up
    assert run.spent_seconds == 10


def test_the_first_of_a_limited_run_is_kept_at_once_and_the_rest_as_often_as_it_is_reported() -> None:
    clock = Clock()
    kept: list[float] = []

    def keep() -> bool:
        kept.append(clock.seconds - 1000)
        return False

    run = RunClock(lambda _: None, clock, 100, keep)
    for _ in range(12):
        clock.seconds += 0.25
        run.tell(0.5, 60)

    assert kept == [0.25, 1.0, 2.0, 3.0]
