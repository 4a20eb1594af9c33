"""The clock of a solve: when its progress is reported, and whether its time is up."""

from collections.abc import Callable

from batterysim.status import Progress, Stage

REPORT_PAUSE_SECONDS = 1.0
"""More often than this nobody looks."""

Report = Callable[[Progress], None]
"""Is told how far a run is."""

Clock = Callable[[], float]
"""Gives seconds from any moment on, such as time.monotonic."""

Keep = Callable[[], bool]
"""Keeps a copy of this process, in which it returns True when the copy is to finish."""


class RunClock:
    """Runs next to one solve, from its start to its end.

    limit_seconds: after so long the time is up; None: never.
    keep: is asked to keep a copy of this process, which finishes with what there is when what comes next does
        not end in time. Returns True in that copy, then; see child.keeper.
    """

    def __init__(
        self,
        report: Report,
        clock: Clock,
        limit_seconds: float | None = None,
        keep: Keep = lambda: False,
    ) -> None:
        self._report = report
        self._clock = clock
        self._limit = limit_seconds
        self._keep = keep
        self._is_over = False
        self._has_kept = False
        self._started = self._reported = clock()
        self._before = 0.0
        self._done_before = 0.0

    def resume(self, spent_seconds: float, done: float) -> None:
        """Count in what another process has spent before, and the part of the work that it has done."""
        self._before = spent_seconds
        self._done_before = done

    @property
    def spent_seconds(self) -> float:
        """Real time that the solve has taken so far."""
        return self._before + self._clock() - self._started

    @property
    def is_limited(self) -> bool:
        """Whether time can ever be up."""
        return self._limit is not None

    @property
    def time_is_up(self) -> bool:
        """Whether the solve should end with what it has."""
        return self._is_over or (self._limit is not None and self.spent_seconds >= self._limit)

    def tell(self, done: float, simulated_seconds: float, **place: int) -> None:
        """Report, unless the last report was just now. With a limit, keep what there is, the first at once.

        done: part of the work that is done, from 0 to 1.
        place: cycle, cycles, step and steps of an experiment.
        """
        now = self._clock()
        is_due = now - self._reported >= REPORT_PAUSE_SECONDS
        if is_due:
            self._reported = now
            self._report(
                Progress(
                    percent=int(100 * done),
                    stage=Stage.SOLVING,
                    simulated_seconds=simulated_seconds,
                    eta_seconds=self._eta_seconds(now, done),
                    **place,
                )
            )
        if self._limit is not None and not self.time_is_up and (is_due or not self._has_kept):
            self._has_kept = True
            self._is_over = self._keep()

    def _eta_seconds(self, now: float, done: float) -> int | None:
        """Guess the time that is left from the pace of this process alone: another's may differ."""
        since = done - self._done_before
        return round((now - self._started) * (1 - done) / since) if since > 0 else None
