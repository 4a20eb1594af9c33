"""Children that solve a sweep's points, and the loop that watches them. One thread, as forking needs."""

import contextlib
import os
import select
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from batterysim.failure import ExitCode, FailureReason
from batterysim_runner.child.last_words import LastWords, words
from batterysim_runner.child.messages import Receiver
from batterysim_runner.child.process import Child, Limits, start
from batterysim_runner.child.watcher import words_for_crash
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.shape import Control, Shape
from batterysim_runner.run_clock import Clock
from batterysim_runner.sweep.agenda import Agenda, Build, Job, Solve
from batterysim_runner.sweep.design import Points
from batterysim_runner.sweep.need import Need
from batterysim_runner.sweep.row import Row, failed
from batterysim_runner.sweep.solving import Study, build, read_built, solve_points

TICK_MILLISECONDS = 100
BUILD_SECONDS = 600.0
"""A build that takes longer does not end any more."""


class Terms(NamedTuple):
    """How a sweep's points are solved.

    workers: how many children at a time.
    memory_bytes: of each child; None: whatever there is.
    """

    workers: int
    point_timeout_seconds: float
    memory_bytes: int | None = None


class _Worker:
    """A child at work."""

    def __init__(self, job: Job, child: Child, now: float) -> None:
        self.job = job
        self.child = child
        self.receiver = Receiver()
        self.open = list(job.numbers) if isinstance(job, Solve) else []
        self.at: int | None = None
        self.since = now
        self.metrics: dict[str, float | None] = {}
        self.killed_for: LastWords | None = None


class Crew:
    """Solves points in children of this process.

    library: what there is compiled; what is built for all of the cell's numbers is added to it.
    take: gets each row, in the order in which points end. Returns whether to go on.
    """

    def __init__(
        self,
        study: Study,
        points: Points,
        library: Library,
        terms: Terms,
        clock: Clock,
        take: Callable[[Row], bool],
    ) -> None:
        self._study = study
        self._points = points
        self._library = library
        self._terms = terms
        self._clock = clock
        self._take = take
        self._groups: dict[Need, Library] = {}
        self._workers: dict[int, _Worker] = {}
        self._goes_on = True

    def run(self, agenda: Agenda, is_stopped: Callable[[], bool] = lambda: False) -> None:
        """Return when all points have ended, or when it is to stop. No child is left then."""
        poll = select.poll()
        try:
            while self._goes_on and not agenda.is_over and not is_stopped():
                self._give_out(agenda, poll)
                for descriptor, _ in poll.poll(TICK_MILLISECONDS):
                    self._hear(descriptor, agenda, poll)
                self._end_what_is_late()
        finally:
            for worker in self._workers.values():
                worker.child.kill()
                worker.child.reap(wait=True)
                worker.child.ends.close()
            self._workers.clear()

    def _give_out(self, agenda: Agenda, poll: select.poll) -> None:
        while len(self._workers) < self._terms.workers and (job := agenda.next()) is not None:
            child = start(self._task(job), Limits(self._terms.memory_bytes))
            self._workers[child.ends.messages] = _Worker(job, child, self._clock())
            poll.register(child.ends.messages, select.POLLIN)

    def _task(self, job: Job) -> Callable[..., bytes]:
        if isinstance(job, Build):
            return partial(build, job.needs)
        library = self._library if job.need is None else self._groups.get(job.need, self._library)
        points = self._points.of(job.numbers)
        return partial(_solve, self._study, points, library, job.may_build)

    def _hear(self, descriptor: int, agenda: Agenda, poll: select.poll) -> None:
        worker = self._workers[descriptor]
        data = os.read(descriptor, 1 << 16)
        for message in worker.receiver.feed(data):
            if self._goes_on:
                self._note(worker, message, agenda)
        if not data:
            poll.unregister(descriptor)
            del self._workers[descriptor]
            self._bury(worker, agenda)

    def _note(self, worker: _Worker, message: Mapping[str, Any], agenda: Agenda) -> None:
        if "begin" in message:
            worker.at, worker.since = message["begin"], self._clock()
        elif "metrics" in message:
            worker.metrics |= message["metrics"]
        elif "row" in message:
            row = Row(
                message["row"], message["reason"], message["message"], message["summary"], worker.metrics
            )
            worker.metrics = {}
            self._close(worker, row.number)
            self._goes_on = self._take(row) and self._goes_on
        elif "unfit" in message and isinstance(worker.job, Solve):
            self._close(worker, message["unfit"])
            agenda.unfit(worker.job, message["unfit"], _need(message["need"]))

    def _close(self, worker: _Worker, number: int) -> None:
        worker.open.remove(number)
        worker.at = None

    def _end_what_is_late(self) -> None:
        now = self._clock()
        for worker in self._workers.values():
            is_build = isinstance(worker.job, Build)
            limit = BUILD_SECONDS if is_build else self._terms.point_timeout_seconds
            if (
                worker.killed_for is None
                and (worker.at is not None or is_build)
                and now - worker.since > limit
            ):
                worker.killed_for = words(
                    ExitCode.WALL_CLOCK_LIMIT,
                    FailureReason.WALL_CLOCK_LIMIT,
                    f"the point did not end within spec.run.pointTimeoutSeconds = {limit:g} s: raise it, or "
                    "look for a voltage that cannot be held or a tolerance that is too tight",
                )
                worker.child.kill()

    def _bury(self, worker: _Worker, agenda: Agenda) -> None:
        """Take note of the end of a child."""
        ended = worker.child.reap(wait=True)
        assert ended is not None  # noqa: S101 - it was waited for
        content = worker.child.ends.read_content() if ended.status == 0 else b""
        worker.child.ends.close()
        code = os.waitstatus_to_exitcode(ended.status)
        if isinstance(worker.job, Build):
            self._add_built(worker.job, content, agenda)
        elif worker.killed_for is not None and worker.at is None:
            agenda.again(worker.job, worker.open)  # the point ended just before it was to be killed
        elif worker.open:
            at = worker.open[0] if worker.at is None else worker.at
            agenda.again(worker.job, [number for number in worker.open if number != at])
            if worker.killed_for is not None or not agenda.lost(worker.job, at):
                reason = worker.killed_for or words_for_crash(
                    code, ended.max_memory_bytes, self._terms.memory_bytes
                )
                self._goes_on = self._take(failed(at, reason)) and self._goes_on
        agenda.ended(worker.job)

    def _add_built(self, job: Build, content: bytes, agenda: Agenda) -> None:
        made = read_built(content) if content else [None] * len(job.needs)
        if not job.keeps_others:
            self._groups = {need: group for need, group in self._groups.items() if not need.fixed}
        for need, compiled in zip(job.needs, made, strict=True):
            if compiled is not None:
                group = Library(None) if need.fixed else self._library
                with contextlib.suppress(Exception):  # then it is among the hopeless
                    # The solver as well, so that no child has to make it again.
                    group.add(compiled).get_ready(self._study.tolerances)
                    self._groups[need] = group
        agenda.built(self._groups)
        agenda.hopeless(need for need in job.needs if need not in self._groups)


def _solve(
    study: Study, points: Mapping[int, Any], library: Library, may_build: bool, surroundings: Any
) -> bytes:
    return solve_points(study, points, library, surroundings, may_build=may_build)


def _need(told: Any) -> Need | None:
    """Return a need that has come as JSON."""
    if told is None:
        return None
    (family, options, parameter_set, control, mesh), fixed = _in_tuples(told)
    return Need(Shape(family, options, parameter_set, Control(*control), mesh), fixed)


def _in_tuples(value: Any) -> Any:
    return tuple(map(_in_tuples, value)) if isinstance(value, list) else value
