"""A whole sweep on this machine: from its spec to its table."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from batterysim.sweep.spec import BatterySweepSpec
from batterysim_runner.sweep.design import Points
from batterysim_runner.sweep.parts import Parts
from batterysim_runner.sweep.portion import Means, Portion
from batterysim_runner.sweep.series import remove_series
from batterysim_runner.sweep.table import SweepTable


class LocalSweep:
    """A sweep, whole or as far as it has come. It goes on behind the parts that it finds.

    parts: a directory for parts of the table.
    series: one for the results that are kept whole.
    """

    def __init__(self, spec: BatterySweepSpec, parts: Path, series: Path, means: Means) -> None:
        self._keep = spec.series.keep
        self._series = series
        points = Points(spec)
        self._table = SweepTable(spec, points)
        self._parts = Parts(parts, self._table.about)
        self._portion = Portion(spec, points, self._table, range(points.count), self._parts, means)

    def run(self, workers: int, is_stopped: Callable[[], bool] = lambda: False) -> None:
        """Solve all points that are not in the parts, or as many as there is leave for."""
        if self._keep != "None":
            self._series.mkdir(parents=True, exist_ok=True)
            if self._parts.is_empty or self._keep == "Best":
                remove_series(self._series)  # of an earlier sweep of this name
        self._portion.run(workers, is_stopped, self._series if self._keep == "All" else None)
        if self.is_whole and self._keep == "Best":
            best = [number for number, _ in self._portion.tally.best]
            self._portion.solve(best, workers, lambda _: True, is_stopped, self._series)
        self._portion.tell()

    def table(self) -> pa.Table:
        """Return the rows so far, in the order of their points."""
        return self._table.whole(self._parts.tables())

    def remove_parts(self) -> None:
        """Remove the parts, when the table is in a better place."""
        self._parts.remove()

    @property
    def is_whole(self) -> bool:
        """Whether every point has ended."""
        return self._portion.is_whole

    @property
    def has_too_many_failures(self) -> bool:
        """Whether more points have failed than are accepted."""
        return self._portion.has_too_many_failures
