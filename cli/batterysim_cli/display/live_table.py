"""How far simulations are: a table with bars on a terminal, a line for each step in a log."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from batterysim.status import AT_WORK
from batterysim_cli.display.progress_words import in_words
from batterysim_cli.display.quantity import duration
from batterysim_cli.display.quantity import in_words as reason_in_words
from batterysim_client import Simulation

BAR_WIDTH = 24
# Of very many, those that are under way are worth the rows; a terminal does not have more.
ROWS = 30


class LiveTable(AbstractContextManager["LiveTable"]):
    """Shows simulations as they change."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._simulations: dict[str, Simulation] = {}
        self._said: dict[str, str] = {}
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, simulation: Simulation) -> None:
        """Show a simulation as it is now."""
        self._simulations[simulation.uid] = simulation
        if self._live is not None:
            self._live.update(live_table(list(self._simulations.values())))
        elif (line := stage_of(simulation)) != self._said.get(simulation.uid):
            self._said[simulation.uid] = line
            self.remark(f"{simulation.name}: {line}")

    def remark(self, text: str) -> None:
        """Print a line, on a terminal above the table."""
        self._console.print(text, soft_wrap=True)


def live_table(simulations: list[Simulation]) -> Table:
    """Return a row with a bar for each simulation, for those that have not ended first."""
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in ("NAME", "PHASE", ""):
        table.add_column(heading, no_wrap=True)
    # A cause for waiting is of no use if its end, the remedy, is cut off.
    table.add_column("", overflow="fold")
    simulations = sorted(simulations, key=lambda simulation: simulation.has_ended)
    for simulation in simulations[:ROWS]:
        progress = simulation.status.progress
        percent = 100 if simulation.succeeded else 0 if progress is None else progress.percent
        bar = ProgressBar(total=100, completed=percent, width=BAR_WIDTH)
        table.add_row(simulation.name, simulation.phase, bar, _detail(simulation))
    if len(simulations) > ROWS:
        table.add_row(f"and {len(simulations) - ROWS} more")
    return table


def stage_of(simulation: Simulation) -> str:
    """Return where a simulation is, in words that change a few times in its life."""
    if simulation.has_ended or simulation.status.progress is None or _obstacle(simulation):
        return f"{simulation.phase} {_detail(simulation)}".strip()
    return f"{simulation.phase}, {simulation.status.progress.stage}"


def _detail(simulation: Simulation) -> str:
    status = simulation.status
    if status.failure is not None:
        return f"{status.failure.reason}: {status.failure.message}"
    if simulation.succeeded and status.summary is not None:
        seconds = status.summary.end_time_seconds
        reason = reason_in_words(status.summary.end_reason)
        return reason if seconds is None else f"{reason} after {duration(seconds)}"
    return _obstacle(simulation) or ("" if status.progress is None else in_words(status.progress))


def _obstacle(simulation: Simulation) -> str:
    """Return what a simulation waits for, as its status says it; empty while it proceeds."""
    course = simulation.course
    if simulation.has_ended or course is None or course.reason in AT_WORK:
        return ""
    return f"{course.reason}: {course.message}"
