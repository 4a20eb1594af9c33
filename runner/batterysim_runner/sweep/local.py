"""A whole sweep on this machine: from its spec to its table."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from batterysim.sweep.spec import BatterySweepSpec
from batterysim_runner.compiled.library import Library
from batterysim_runner.run_clock import Clock
from batterysim_runner.sweep.agenda import Agenda
from batterysim_runner.sweep.crew import Crew, Terms
from batterysim_runner.sweep.design import Points
from batterysim_runner.sweep.measures import measures
from batterysim_runner.sweep.row import Row
from batterysim_runner.sweep.solving import Study
from batterysim_runner.sweep.table import SweepTable
from batterysim_runner.sweep.tally import Tally

ROWS_PER_BATCH = 500
REPORT_PAUSE_SECONDS = 0.2


class LocalSweep:
    """A sweep, whole or as far as it has come.

    tell: gets the tally, at most five times a second.
    """

    def __init__(
        self,
        spec: BatterySweepSpec,
        library: Library,
        tell: Callable[[Mapping[str, Any]], None] = lambda _: None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._spec = spec
        self._library = library
        self._tell = tell
        self._clock = clock
        self._points = Points(spec)
        self._table = SweepTable(spec, self._points)
        self._rows: list[Row] = []
        self._batches: list[pa.RecordBatch] = []
        self._told = clock()
        self.tally = Tally(self._points.count, spec.objective)

    def run(self, workers: int, is_stopped: Callable[[], bool] = lambda: False) -> None:
        """Solve all points, or as many as there is leave for."""
        solver = self._spec.simulation.solver
        study = Study(
            self._spec.simulation.to_json_dict(),
            (solver.relative_tolerance, solver.absolute_tolerance),
            [axis.path for axis in self._points.axes],
            measures(self._spec.metrics),
        )
        terms = Terms(workers, self._spec.run.point_timeout_seconds)
        crew = Crew(study, self._points, self._library, terms, self._clock, self._take)
        crew.run(Agenda(range(self._points.count), workers), is_stopped)
        self._tell(self.tally.told())

    def table(self) -> pa.Table:
        """Return the rows so far, in the order of their points."""
        self._put_together()
        return self._table.whole(self._batches)

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
        if len(self._rows) >= ROWS_PER_BATCH:
            self._put_together()
        if self._clock() - self._told >= REPORT_PAUSE_SECONDS:
            self._told = self._clock()
            self._tell(self.tally.told())
        return not self.has_too_many_failures

    def _put_together(self) -> None:
        if self._rows:
            self._batches.append(self._table.batch(self._rows))
            self._rows = []
