"""Progress goes out in the background."""

from threading import Event

from batterysim.status import Progress
from batterysim_runner.pod.reporter import Reporter


def progress(percent: int) -> Progress:
    return Progress(percent=percent, stage="Solving")


def test_a_slow_receiver_gets_the_newest_report_only() -> None:
    sent: list[int] = []
    first_is_out, go_on = Event(), Event()

    def send(report: Progress) -> None:
        sent.append(report.percent)
        first_is_out.set()
        go_on.wait(5)

    reporter = Reporter(send)
    reporter.report(progress(1))
    assert first_is_out.wait(5)
    for percent in range(2, 50):
        reporter.report(progress(percent))
    go_on.set()
    reporter.finish(progress(100))

    assert sent == [1, 100]


def test_the_last_report_is_out_at_once() -> None:
    sent: list[int] = []
    reporter = Reporter(lambda report: sent.append(report.percent))

    reporter.finish(progress(100))

    assert sent == [100]


def test_a_receiver_that_hangs_holds_nobody_up(monkeypatch) -> None:
    monkeypatch.setattr("batterysim_runner.pod.reporter.FINISH_TIMEOUT_SECONDS", 0.01)
    hangs = Event()
    reporter = Reporter(lambda _: hangs.wait(5) and None)

    reporter.finish(progress(100))

    hangs.set()
