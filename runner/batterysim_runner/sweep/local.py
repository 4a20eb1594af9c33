"""A whole sweep on this machine: from its spec to its table."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from batterysim.sweep.spec import BatterySweepSpec
from batterysim_runner.child.ends import Surroundings
from batterysim_runner.child.process import Limits, start
from batterysim_runner.child.watcher import Watcher
from batterysim_runner.compiled.library import Library
from batterysim_runner.run_clock import Clock
from batterysim_runner.sweep.agenda import Agenda
from batterysim_runner.sweep.crew import Crew, Terms
from batterysim_runner.sweep.design import Points
from batterysim_runner.sweep.measures import measures
from batterysim_runner.sweep.parts import Parts
from batterysim_runner.sweep.row import Row
from batterysim_runner.sweep.solving import Study
from batterysim_runner.sweep.table import SweepTable, write_parquet
from batterysim_runner.sweep.tally import Tally

ROWS_PER_PART = 500
SECONDS_PER_PART = 10.0
"""After so long rows are stored, however few: nobody loses more than that."""

REPORT_PAUSE_SECONDS = 0.2


class LocalSweep:
    """A sweep, whole or as far as it has come. It goes on behind the parts that it finds.

    parts: a directory for parts of the table.
    series: one for the results that are kept whole.
    tell: gets the tally, at most five times a second.
    """

    def __init__(
        self,
        spec: BatterySweepSpec,
        library: Library,
        parts: Path,
        series: Path,
        tell: Callable[[Mapping[str, Any]], None] = lambda _: None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._spec = spec
        self._library = library
        self._series = series
        self._tell = tell
        self._clock = clock
        self._points = Points(spec)
        self._table = SweepTable(spec, self._points)
        self._parts = Parts(parts, self._table.about)
        self._rows: list[Row] = []
        self._told = self._stored = clock()
        self.tally = Tally(self._points.count, spec.objective)
        self._found = self._count_what_is_stored()

    def run(self, workers: int, is_stopped: Callable[[], bool] = lambda: False) -> None:
        """Solve all points that are not in the parts, or as many as there is leave for."""
        left = (number for number in range(self._points.count) if number not in self._found)
        self._solve(left, workers, self._take, is_stopped, keeps_series=self._spec.series.keep == "All")
        self._store()
        if self.is_whole and self._spec.series.keep == "Best":
            best = [number for number, _ in self.tally.best]
            self._solve(best, workers, lambda _: True, is_stopped, keeps_series=True)
        self._tell(self.tally.told())

    def _solve(
        self,
        numbers: Iterable[int],
        workers: int,
        take: Callable[[Row], bool],
        is_stopped: Callable[[], bool],
        *,
        keeps_series: bool,
    ) -> None:
        solver = self._spec.simulation.solver
        if keeps_series:
            self._series.mkdir(parents=True, exist_ok=True)
        study = Study(
            self._spec.simulation.to_json_dict(),
            (solver.relative_tolerance, solver.absolute_tolerance),
            [axis.path for axis in self._points.axes],
            measures(self._spec.metrics),
            self._series if keeps_series else None,
        )
        terms = Terms(workers, self._spec.run.point_timeout_seconds)
        crew = Crew(study, self._points, self._library, terms, self._clock, take)
        crew.run(Agenda(numbers, workers), lambda: is_stopped() or self._look_at_the_clock())

    def table(self) -> pa.Table:
        """Return the rows so far, in the order of their points."""
        return self._table.whole(self._parts.tables())

    def remove_parts(self) -> None:
        """Remove the parts, when the table is in a better place."""
        self._parts.remove()

    @property
    def is_whole(self) -> bool:
        """Whether every point has ended."""
        return self.tally.done == self._points.count

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
        now = self._clock()
        if now - self._stored >= SECONDS_PER_PART:
            self._store()
        if now - self._told >= REPORT_PAUSE_SECONDS:
            self._told = now
            self._tell(self.tally.told())
        return False

    def _store(self) -> None:
        if self._rows:
            self._parts.add(write_parquet(self._table.of_rows(self._rows)))
            self._rows = []
        self._stored = self._clock()

    def _count_what_is_stored(self) -> set[int]:
        """Count the rows that are in the parts, and return the numbers of their points."""
        if self._parts.is_empty:
            return set()
        # In a child, because this process must have one thread: it will fork.
        end = Watcher(start(self._told_rows, Limits()), self._clock).watch()
        if end.content is None:
            raise OSError(f"the parts of the table cannot be read: {end.failure}")
        rows = [Row(*row) for row in json.loads(end.content)]
        for row in rows:
            self.tally.add(row)
        return {row.number for row in rows}

    def _told_rows(self, _: Surroundings) -> bytes:
        """Return the rows that are in the parts, as far as the tally needs them."""
        rows = [row for table in self._parts.tables() for row in self._table.rows(table)]
        return json.dumps(rows).encode()
