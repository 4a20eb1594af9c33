"""Neighbouring points of a sweep: all of them on one machine, or those of a shard."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.status import MAX_EXAMPLES
from batterysim_runner.child.ends import Surroundings
from batterysim_runner.child.process import Limits, start
from batterysim_runner.child.watcher import Watcher
from batterysim_runner.compiled.library import Library
from batterysim_runner.run_clock import Clock
from batterysim_runner.sweep.agenda import Agenda
from batterysim_runner.sweep.crew import Crew, Terms
from batterysim_runner.sweep.design import Points
from batterysim_runner.sweep.measures import measures
from batterysim_runner.sweep.parts import PartsError, PartStore
from batterysim_runner.sweep.row import Row
from batterysim_runner.sweep.solving import Study, load_equations
from batterysim_runner.sweep.table import SweepTable, write_parquet
from batterysim_runner.sweep.tally import Tally

ROWS_PER_PART = 500
SECONDS_PER_PART = 10.0
"""After so long rows are stored, however few: nobody loses more than that."""

Tell = Callable[[Mapping[str, Any]], None]


def nobody(_: Mapping[str, Any]) -> None:
    """Tell nobody."""


class Means(NamedTuple):
    """What points are solved with.

    memory_bytes: of each child; None: whatever there is.
    tell: gets the tally every `pause_seconds` at most.
    """

    library: Library
    memory_bytes: int | None = None
    tell: Tell = nobody
    pause_seconds: float = 0.2
    clock: Clock = time.monotonic


class Portion:
    """Solves points and stores their rows in parts. It goes on behind the parts that it finds."""

    def __init__(
        self,
        spec: BatterySweepSpec,
        points: Points,
        table: SweepTable,
        numbers: range,
        parts: PartStore,
        means: Means,
    ) -> None:
        self._spec = spec
        self._points = points
        self._table = table
        self._numbers = numbers
        self._parts = parts
        self._means = means
        self._rows: list[Row] = []
        self._told = self._stored = means.clock()
        self.tally = Tally(len(numbers), spec.objective)
        self._is_stored = bytearray(len(numbers))
        if not parts.is_empty:
            self._count_what_is_stored()

    def run(
        self, workers: int, is_stopped: Callable[[], bool] = lambda: False, series: Path | None = None
    ) -> None:
        """Solve all points that are not in the parts, or as many as there is leave for.

        series: where each point's result is kept whole; None: nowhere.
        """
        left = (number for place, number in enumerate(self._numbers) if not self._is_stored[place])
        self.solve(left, workers, self._take, is_stopped, series)
        self._store()

    def solve(
        self,
        numbers: Iterable[int],
        workers: int,
        take: Callable[[Row], bool],
        is_stopped: Callable[[], bool],
        series: Path | None,
    ) -> None:
        """Solve points and hand their rows to `take`, which says whether to go on."""
        solver = self._spec.simulation.solver
        study = Study(
            self._spec.simulation.to_json_dict(),
            (solver.relative_tolerance, solver.absolute_tolerance),
            [axis.path for axis in self._points.axes],
            measures(self._spec.metrics),
            series,
        )
        load_equations(study, self._means.library)
        terms = Terms(workers, self._spec.run.point_timeout_seconds, self._means.memory_bytes)
        crew = Crew(study, self._points, self._means.library, terms, self._means.clock, take)
        crew.run(Agenda(numbers, workers), lambda: is_stopped() or self._look_at_the_clock())

    def tell(self) -> None:
        """Say how far it is."""
        self._told = self._means.clock()
        self._means.tell(self.tally.told())

    @property
    def is_whole(self) -> bool:
        """Whether every point has ended."""
        return self.tally.done == len(self._numbers)

    @property
    def has_too_many_failures(self) -> bool:
        """Whether more points have failed than are accepted."""
        most = self._spec.run.max_failed_points
        return most is not None and self.tally.failed > most

    def _take(self, row: Row) -> bool:
        self.tally.add(row)
        self._rows.append(row)
        if len(self._rows) >= ROWS_PER_PART:
            self._store()
        return not self.has_too_many_failures

    def _look_at_the_clock(self) -> bool:
        """Store and report what is due; never a reason to stop."""
        now = self._means.clock()
        if now - self._stored >= SECONDS_PER_PART:
            self._store()
        if now - self._told >= self._means.pause_seconds:
            self.tell()
        return False

    def _store(self) -> None:
        if self._rows:
            self._parts.add(write_parquet(self._table.of_rows(self._rows)))
            self._rows = []
        self._stored = self._means.clock()

    def _count_what_is_stored(self) -> None:
        """Take note of the rows that are in the parts."""
        # In a child, because this process must have one thread: it will fork.
        end = Watcher(start(self._stored_rows, Limits()), self._means.clock).watch()
        if end.content is None:
            reason = "" if end.failure is None else end.failure.message
            raise PartsError(f"its points that are stored cannot be read: {reason}")
        for row in (Row(*row) for row in json.loads(end.content)):
            self.tally.add(row)
            self._is_stored[self._numbers.index(row.number)] = True

    def _stored_rows(self, _: Surroundings) -> bytes:
        """Return the rows that are in the parts, as far as the tally needs them: messages of a few."""
        rows: list[Row] = []
        failed = 0
        for row in (row for table in self._parts.tables() for row in self._table.rows(table)):
            rows.append(row if failed < MAX_EXAMPLES else row._replace(message=None))
            failed += row.has_failed
        return json.dumps(rows).encode()
