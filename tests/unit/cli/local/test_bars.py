"""Progress bars: what they say, and that they come and go."""

import io

from rich.console import Console

from batterysim.failure import ExitCode, FailureReason
from batterysim.status import Progress
from batterysim_cli.display.progress_words import in_words
from batterysim_cli.local.bars import Bars
from batterysim_cli.local.outcome import failed


def test_a_long_run_says_where_it_is() -> None:
    progress = Progress(
        percent=40, stage="Solving", simulated_seconds=7200.4, cycle=2, cycles=5, eta_seconds=9
    )

    assert in_words(progress) == "Solving, cycle 2 of 5, 2 h simulated, 9 s left"


def test_a_single_cycle_is_not_counted() -> None:
    assert in_words(Progress(percent=40, stage="Solving", cycle=1, cycles=1)) == "Solving"


def test_a_bar_comes_with_the_first_report_and_goes_with_the_outcome() -> None:
    screen = io.StringIO()
    outcome = failed("a.yaml", "cell-a", ExitCode.INFEASIBLE, FailureReason.INFEASIBLE, "empty")

    with Bars(Console(file=screen, force_terminal=True, width=100), 2) as bars:
        bars.report("cell-a", Progress(percent=40, stage="Solving", cycle=2, cycles=5))
        bars._progress.refresh()
        under_way = screen.getvalue()
        bars.ended(outcome)
        bars.report("cell-a", Progress(percent=100, stage="Storing"))  # late
        screen.truncate(0)
        bars._progress.refresh()

    assert "cell-a" in under_way
    assert "Solving, cycle 2 of 5" in under_way
    assert "cell-a" not in screen.getvalue()
    assert "1/2" in screen.getvalue()


def test_nothing_is_drawn_where_there_is_no_terminal() -> None:
    screen = io.StringIO()

    with Bars(Console(file=screen), 1) as bars:
        bars.report("cell", Progress(percent=40, stage="Solving"))

    assert screen.getvalue().strip() == ""
