"""Progress bars: one for each simulation that is under way, and one for all of them."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from batterysim.status import Progress as RunProgress
from batterysim_cli.display.progress_words import in_words
from batterysim_cli.local.outcome import Outcome


class Bars(AbstractContextManager["Bars"]):
    """Shows how far simulations are, on a terminal and nowhere else."""

    def __init__(self, console: Console, simulations: int) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[place]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._simulations = simulations
        self._all = self._progress.add_task("all", total=simulations, place=f"0/{simulations}")
        self._tasks: dict[str, TaskID] = {}
        self._ended: set[str] = set()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def report(self, name: str, progress: RunProgress) -> None:
        """Move a simulation's bar. A bar that is at 0 % moves back and forth, since the progress is not
        known."""
        if name in self._ended:
            return  # a worker's last report may come after its outcome
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=None, place="")
        total = 100 if progress.percent > 0 else None
        self._progress.update(
            self._tasks[name], total=total, completed=progress.percent, place=in_words(progress)
        )

    def ended(self, outcome: Outcome) -> None:
        """Remove a simulation's bar, and move that of all."""
        task = self._tasks.pop(outcome.name, None)
        if task is not None:
            self._progress.remove_task(task)
        self._ended.add(outcome.name)
        done = len(self._ended)
        self._progress.update(self._all, completed=done, place=f"{done}/{self._simulations}")
