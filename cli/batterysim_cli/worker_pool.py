"""Jobs on all CPUs: one alone in this process, several in processes that each import PyBaMM once."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from batterysim.failure import ExitCode, FailureReason
from batterysim_cli.job import Job, run_job
from batterysim_cli.outcome import Outcome

# As in the runner's image: one thread for each run, so that runs do not take each other's cores.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def run_jobs(jobs: Sequence[Job], processes: int, ended: Callable[[Outcome], None]) -> list[Outcome]:
    """Run all jobs and return their outcomes in the same order; `ended` is told of each one at once."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    workers = min(processes, len(jobs))
    if workers > 1:
        return _run_in_processes(jobs, workers, ended)
    outcomes = []
    for job in jobs:  # here, because another process would cost a quarter of a short run's time again
        outcomes.append(run_job(job))
        ended(outcomes[-1])
    return outcomes


def _run_in_processes(jobs: Sequence[Job], workers: int, ended: Callable[[Outcome], None]) -> list[Outcome]:
    # spawn, because forking a process with threads (a progress bar has one) may lock up the child.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_leave_interrupts_to_parent) as pool:
        futures = {pool.submit(run_job, job): job for job in jobs}
        outcomes: dict[Future[Outcome], Outcome] = {}
        try:
            for future in as_completed(futures):
                outcomes[future] = _outcome(futures[future], future)
                ended(outcomes[future])
        except KeyboardInterrupt:
            for process in multiprocessing.active_children():
                process.terminate()
            raise
    return [outcomes[future] for future in futures]


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _outcome(job: Job, future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        text = (
            "a process died while this simulation was under way or waiting, perhaps for want of memory: "
            "try again with --jobs 1"
        )
        return job.failed(ExitCode.CRASHED, FailureReason.RUNNER_CRASHED, text)
