"""Processes that end before their work does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from batterysim.failure import ExitCode, FailureReason
from batterysim.status import Progress
from batterysim_cli.local import worker_pool
from batterysim_cli.local.outcome import Outcome
from batterysim_cli.local.task import Task
from batterysim_cli.manifests.files import Runnable
from tests.builders import constant_current, spec_of, us06
from tests.unit.cli.builders import manifest, write

SLOW = {"model": {"family": "DFN"}, "protocol": us06(), "solver": {"relativeTolerance": 1e-10}}


def task(name: str, directory: Path, **spec: object) -> Task:
    return Task(Runnable("file.yaml", name, spec_of(**spec)), directory, plot=False)


class Listener:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, str]] = []
        self.outcomes: list[str] = []

    def report(self, name: str, progress: Progress) -> None:
        self.stages.append((name, progress.stage))

    def ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome.name)


class DyingPool:
    """Stands for a pool of which a process is killed after its first task."""

    def __init__(self, *_: object, **__: object) -> None:
        self.started = False

    def __enter__(self) -> "DyingPool":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def submit(self, function: object, task: Task) -> Future[Outcome]:
        assert function is worker_pool._run_and_report
        future: Future[Outcome] = Future()
        if self.started:
            future.set_exception(BrokenProcessPool())
        else:
            future.set_result(task.failed(ExitCode.INFEASIBLE, FailureReason.INFEASIBLE, "empty"))
        self.started = True
        return future


def test_a_process_that_dies_is_told_and_other_outcomes_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_pool, "ProcessPoolExecutor", DyingPool)
    audience = Listener()

    first, second = worker_pool.run_tasks([task("a", tmp_path), task("b", tmp_path)], 2, audience)

    assert (first.name, first.exit_code) == ("a", ExitCode.INFEASIBLE)
    assert (second.name, second.exit_code) == ("b", ExitCode.CRASHED)
    assert second.failure is not None
    assert "a process died" in second.failure.message
    assert sorted(audience.outcomes) == ["a", "b"]


def test_nothing_to_do_starts_nothing() -> None:
    assert worker_pool.run_tasks([], 2, Listener()) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_every_simulation_tells_how_far_it_is(tmp_path: Path, processes: int) -> None:
    audience = Listener()
    tasks = [task(name, tmp_path, model={"family": "SPM"}, protocol=constant_current(5, 10)) for name in "ab"]

    outcomes = worker_pool.run_tasks(tasks, processes, audience)

    assert [outcome.exit_code for outcome in outcomes] == [ExitCode.OK, ExitCode.OK]
    deadline = time.monotonic() + 5
    while len(audience.stages) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)  # a worker's last report may come after its outcome
    assert sorted(audience.stages) == [
        ("a", "Starting"),
        ("a", "Storing"),
        ("b", "Starting"),
        ("b", "Storing"),
    ]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Interrupts do what they do in a terminal, here and in what is started from here.

    A shell has its background jobs ignore them, and this may be one.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class InterruptedPool(DyingPool):
    """Is interrupted while it starts its processes."""

    def submit(self, function: object, task: Task) -> Future[Outcome]:
        signal.raise_signal(signal.SIGINT)
        future: Future[Outcome] = Future()
        future.set_result(task.failed(ExitCode.OK, FailureReason.RUNNER_CRASHED, "it ended all the same"))
        return future


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_while_processes_start_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_pool, "ProcessPoolExecutor", InterruptedPool)

    with pytest.raises(KeyboardInterrupt):
        worker_pool.run_tasks([task("a", tmp_path), task("b", tmp_path)], 2, Listener())

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_background_job_goes_on_ignoring_interrupts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_pool, "ProcessPoolExecutor", InterruptedPool)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        outcomes = worker_pool.run_tasks([task("a", tmp_path), task("b", tmp_path)], 2, Listener())
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)

    assert [outcome.name for outcome in outcomes] == ["a", "b"]


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are sent another way there")
def test_an_interrupt_ends_all_processes_at_once_and_without_a_traceback(tmp_path: Path) -> None:
    file, output = write(tmp_path / "a.yaml", manifest("a", **SLOW), manifest("b", **SLOW)), tmp_path / "out"
    command = [sys.executable, "-m", "batterysim_cli", "run", "--jobs", "2", "--output", output, file]

    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while not output.exists():  # made just before the work begins
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        stdout, stderr = process.communicate(timeout=20)

    assert (process.returncode, stdout, stderr) == (130, "", "")
    assert list(output.iterdir()) == []
