"""Jobs on all CPUs: one alone in this process, several in processes that each import PyBaMM once."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing.queues import SimpleQueue
from threading import Thread
from typing import Protocol

from batterysim.failure import ExitCode, FailureReason
from batterysim.status import Progress
from batterysim_cli.local.outcome import Outcome
from batterysim_cli.local.task import Task, run_task

# As in the runner's image: one thread for each run, so that runs do not take each other's cores.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

Reports = SimpleQueue[tuple[str, Progress]]
"""A worker's message: the task's name and its progress."""


class Audience(Protocol):
    """Receives events as they happen."""

    def report(self, name: str, progress: Progress) -> None:
        """The task with this name has made this progress."""

    def ended(self, outcome: Outcome) -> None:
        """A task has ended."""


def run_tasks(tasks: Sequence[Task], processes: int, audience: Audience) -> list[Outcome]:
    """Run all tasks and return their outcomes in the same order. One that goes on from another is later."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    outcomes: dict[str, Outcome] = {}
    for wave in waves(tasks):
        outcomes |= {outcome.name: outcome for outcome in _run_wave(wave, processes, audience)}
    return [outcomes[task.name] for task in tasks]


def waves(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    """Yield the tasks in groups, so that each comes after the one whose result it goes on from."""
    left = list(tasks)
    while left:
        names = {task.name for task in left}
        # A circle has no beginning: its members say themselves what they lack.
        ready = [task for task in left if task.earlier not in names] or left
        yield ready
        left = [task for task in left if task not in ready]


def _run_wave(tasks: Sequence[Task], processes: int, audience: Audience) -> list[Outcome]:
    workers = min(processes, len(tasks))
    if workers > 1:
        return _run_in_processes(tasks, workers, audience)
    outcomes = []
    for task in tasks:  # here, because another process would cost a quarter of a short run's time again
        outcomes.append(run_task(task, partial(audience.report, task.name)))
        audience.ended(outcomes[-1])
    return outcomes


def _run_in_processes(tasks: Sequence[Task], workers: int, audience: Audience) -> list[Outcome]:
    # spawn, because forking a process with threads (a progress bar has one) may lock up the child.
    context = multiprocessing.get_context("spawn")
    reports: Reports = context.SimpleQueue()
    # A daemon that is not waited for: a worker that was killed while it reported would never let go.
    Thread(target=_pass_on, args=(reports, audience.report), daemon=True, name="reports").start()
    with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(reports,)) as pool:
        outcomes: dict[Future[Outcome], Outcome] = {}
        try:
            with _interrupts_held_back():
                futures = {pool.submit(_run_and_report, task): task for task in tasks}
            for future in as_completed(futures):
                outcomes[future] = _outcome(futures[future], future)
                audience.ended(outcomes[future])
        except KeyboardInterrupt:
            for process in multiprocessing.active_children():
                process.terminate()
            raise
    return [outcomes[future] for future in futures]


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Let an interrupt wait until the end. A process that is started meanwhile never receives any.

    Blocked, not ignored: both are inherited, but an interrupt that is ignored is lost to this process, too.
    """
    arrived: list[int] = []
    # Another thread, in which it is not blocked, may receive it.
    before = signal.signal(signal.SIGINT, lambda number, _: arrived.append(number))
    _block_interrupts()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        _unblock_interrupts()
    if arrived:
        signal.raise_signal(signal.SIGINT)  # which does what it did before: a shell can have it ignored


def _block_interrupts() -> None:
    if hasattr(signal, "pthread_sigmask"):  # not on Windows, where children hear of no interrupt by a signal
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _unblock_interrupts() -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _pass_on(reports: Reports, report: Callable[[str, Progress], None]) -> None:
    while True:
        report(*reports.get())


_reports: Reports


def _begin(reports: Reports) -> None:
    """Prepare a worker."""
    global _reports  # noqa: PLW0603 - a worker process has no other place
    _reports = reports


def _run_and_report(task: Task) -> Outcome:
    return run_task(task, lambda progress: _reports.put((task.name, progress)))


def _outcome(task: Task, future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        text = (
            "a process died while this simulation was under way or waiting, perhaps for lack of memory: "
            "try again with --jobs 1"
        )
        return task.failed(ExitCode.CRASHED, FailureReason.RUNNER_CRASHED, text)
