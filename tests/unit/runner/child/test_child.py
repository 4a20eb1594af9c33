"""A run in a child: whatever it does, it ends as a pod would, and costs nobody else anything."""

import json
import os
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import NamedTuple

import pytest

from batterysim.failure import FINAL_EXIT_CODES, ExitCode

ROOM = 300 << 20


class Ended(NamedTuple):
    """What the process that watched has to say, and what is in its log."""

    exit_code: int
    content: bytes | None
    reason: str | None
    message: str
    told: list[dict[str, object]]
    seconds: float
    errors: str


def run(task: str, **limits: int) -> Ended:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.unit.runner.child.tasks", task, json.dumps(limits)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    seen = json.loads(ended.stdout.splitlines()[-1])
    return Ended(
        seen["exitCode"],
        None if seen["content"] is None else b64decode(seen["content"]),
        seen["reason"],
        seen["message"] or "",
        seen["told"],
        seen["seconds"],
        ended.stderr,
    )


def test_a_result_comes_back_whole() -> None:
    ended = run("good")

    assert (ended.exit_code, ended.content, ended.reason) == (ExitCode.OK, b"a result", None)


def test_an_error_of_a_run_keeps_its_code_and_its_words() -> None:
    ended = run("refused")

    assert (ended.exit_code, ended.content) == (ExitCode.INFEASIBLE, None)
    assert (ended.reason, ended.message) == ("Infeasible", "at time 0 the voltage is too low")
    assert ended.errors == ""


def test_a_run_that_fails_on_the_way_brings_what_it_has_and_why_there_is_no_more() -> None:
    ended = run("partly_solved")

    assert (ended.exit_code, ended.content) == (ExitCode.SOLVER_FAILED, b"five seconds of a result")
    assert (ended.reason, ended.message) == ("SolverFailed", "it had come to 5 s")


def test_a_defect_leaves_its_traceback_in_the_log_and_may_be_tried_again() -> None:
    ended = run("defect")

    assert (ended.exit_code, ended.reason) == (ExitCode.CRASHED, "RunnerCrashed")
    assert "LookupError: there is no such thing" in ended.errors


def test_a_segmentation_fault_is_a_crash_that_names_the_signal() -> None:
    ended = run("segmentation_fault")

    assert (ended.exit_code, ended.reason) == (ExitCode.CRASHED, "RunnerCrashed")
    assert "SIGSEGV" in ended.message
    assert ended.exit_code not in FINAL_EXIT_CODES


def test_a_solver_that_does_not_return_is_ended_at_the_limit_with_the_time_reached() -> None:
    ended = run("endless_loop")

    assert (ended.exit_code, ended.reason) == (ExitCode.WALL_CLOCK_LIMIT, "WallClockLimit")
    assert "spec.solver.wallClockLimitSeconds = 0.5 s" in ended.message
    assert "at 12.5 s of the protocol" in ended.message
    assert ended.told == [{"progress": {"percent": 40, "stage": "Solving", "simulatedSeconds": 12.5}}]


def test_what_was_solved_before_the_limit_is_kept() -> None:
    ended = run("endless_loop_after_two_pieces")

    assert (ended.exit_code, ended.content) == (ExitCode.OK, b"one two ")


def test_a_crash_is_a_crash_although_a_copy_is_waiting() -> None:
    ended = run("crash_after_a_piece")

    assert (ended.exit_code, ended.reason) == (ExitCode.CRASHED, "RunnerCrashed")
    assert "exit code 3" in ended.message


def test_the_limit_is_the_solvers_and_not_that_of_describing_its_result() -> None:
    assert run("slow_to_describe").content == b"described"


@pytest.mark.parametrize("task", ["ten_gigabytes", "ten_gigabytes_bit_by_bit"])
def test_too_much_memory_is_told_in_words(task: str) -> None:
    ended = run(task, memory_bytes=ROOM)

    assert (ended.exit_code, ended.reason) == (ExitCode.OUT_OF_MEMORY, "OutOfMemory")
    assert "more memory than it may use (300Mi)" in ended.message
    assert ended.exit_code in FINAL_EXIT_CODES


def test_computing_time_has_an_end() -> None:
    ended = run("computing", cpu_seconds=1)

    assert (ended.exit_code, ended.reason) == (ExitCode.CRASHED, "RunnerCrashed")
    assert "used up its computing time" in ended.message


def test_nothing_is_left_of_a_run_in_the_file_system() -> None:
    directory = (run("temporary_files").content or b"").decode()

    assert directory.startswith("/")
    assert not Path(directory).exists()
