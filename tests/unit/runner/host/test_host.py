"""A host as its container runs it: what it does with what it is handed, and how it ends."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from batterysim.results import ResultMetadata
from tests.builders import raw_spec
from tests.unit.runner.host.desk_server import LONG, SHORT, DeskServer, desk_server
from tests.unit.runner.test_process import FAILS_ON_THE_WAY

HOST_TOKEN = "the-pods-own-token"


@pytest.fixture
def desk() -> Iterator[DeskServer]:
    with desk_server() as desk:
        yield desk


@contextmanager
def running_host(
    desk: DeskServer, directory: Path, drain_seconds: float = 30
) -> Iterator["subprocess.Popen[str]"]:
    (directory / "token").write_text(HOST_TOKEN, encoding="utf-8")
    environment = {
        "BATTERYSIM_NAMESPACE": "lab",
        "BATTERYSIM_BRIDGE_URL": desk.url,
        "BATTERYSIM_IMAGE": "runner:1",
        "BATTERYSIM_POD_NAME": "shared-runner-abcde",
        "BATTERYSIM_CONCURRENCY": "2",
        "BATTERYSIM_DRAIN_SECONDS": str(drain_seconds),
        "BATTERYSIM_TOKEN_FILE": str(directory / "token"),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    host = subprocess.Popen(
        [sys.executable, "-m", "batterysim_runner.host"],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield host
    finally:
        host.kill()
        host.communicate()


def until(condition: Callable[[], object], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it has not happened in time"
        time.sleep(0.05)


def children_of(process: int) -> list[int]:
    """Return the children that any of a process's threads has started."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


def solving(host: int) -> list[tuple[int, int]]:
    """Return each child that PyBaMM solves in, after its parent."""
    parents = [
        process
        for process in children_of(host)
        if b"model" in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    ]
    return [(parent, child) for parent in parents for child in children_of(parent)]


def test_simulations_are_solved_side_by_side_and_each_is_uploaded_with_its_own_credential(
    desk: DeskServer, tmp_path: Path
) -> None:
    for name in ("a", "b", "c"):
        desk.give(name)
    with running_host(desk, tmp_path):
        until(lambda: len(desk.results) == 3)

    assert desk.tokens["work"] == {HOST_TOKEN}
    assert desk.tokens["result"] == {"bsimrun_a", "bsimrun_b", "bsimrun_c"}
    schema = pq.read_schema(io.BytesIO(desk.results["a"]))
    metadata = ResultMetadata.model_validate_json(schema.metadata[b"batterysim"])
    assert metadata.provenance.pod_name == "shared-runner-abcde"
    assert desk.outcomes == {}
    assert "progress" not in desk.tokens  # nobody would see it


def test_what_cannot_be_solved_is_told_in_the_words_of_a_pod(desk: DeskServer, tmp_path: Path) -> None:
    desk.give("empty", raw_spec(cell={"initialStateOfCharge": 0.0}))
    with running_host(desk, tmp_path):
        until(lambda: desk.outcomes)

    assert (desk.outcomes["empty"]["exitCode"], desk.outcomes["empty"]["reason"]) == (65, "Infeasible")


def test_the_part_before_a_failure_is_uploaded_and_says_itself_why_there_is_no_more(
    desk: DeskServer, tmp_path: Path
) -> None:
    desk.give("fails", FAILS_ON_THE_WAY)
    with running_host(desk, tmp_path):
        until(lambda: desk.results or desk.outcomes)

    schema = pq.read_schema(io.BytesIO(desk.results["fails"]))
    summary = ResultMetadata.model_validate_json(schema.metadata[b"batterysim"]).summary
    assert (summary.end_reason, summary.partial) == ("SolverFailed", True)
    assert desk.outcomes == {}


def test_a_deadline_is_kept(desk: DeskServer, tmp_path: Path) -> None:
    desk.give("long", LONG, seconds_left=1)
    with running_host(desk, tmp_path):
        until(lambda: desk.outcomes)

    assert desk.outcomes["long"]["reason"] == "DeadlineExceeded"


def test_what_nobody_wants_any_more_is_stopped_without_a_word(desk: DeskServer, tmp_path: Path) -> None:
    desk.give("long", LONG)
    with running_host(desk, tmp_path):
        until(lambda: any(beat["attempts"] for beat in desk.beats))
        desk.stop = [{"uid": "uid-long", "attempt": 1}]
        until(lambda: not desk.beats[-1]["attempts"])

    assert desk.outcomes == {}
    assert desk.results == {}


def test_a_host_that_is_told_to_end_finishes_what_it_can(desk: DeskServer, tmp_path: Path) -> None:
    desk.give("a")
    with running_host(desk, tmp_path) as host:
        until(desk.work.empty)
        host.send_signal(signal.SIGTERM)
        assert host.wait(30) == 0

    assert set(desk.results) == {"a"}


def test_and_hands_the_rest_back(desk: DeskServer, tmp_path: Path) -> None:
    desk.give("long", LONG)
    with running_host(desk, tmp_path, drain_seconds=6) as host:
        until(lambda: any(beat["attempts"] for beat in desk.beats))
        host.send_signal(signal.SIGTERM)
        assert host.wait(30) == 0

    assert (desk.outcomes["long"]["exitCode"], desk.outcomes["long"]["reason"]) == (143, "HandedBack")


def test_when_the_parent_of_children_dies_they_have_crashed_and_the_next_ones_get_another(
    desk: DeskServer, tmp_path: Path
) -> None:
    desk.give("long", LONG)
    with running_host(desk, tmp_path) as host:
        until(lambda: any(beat["attempts"] for beat in desk.beats))
        until(lambda: solving(host.pid))
        ((parent, child),) = solving(host.pid)
        os.kill(parent, signal.SIGKILL)
        until(lambda: desk.outcomes)
        until(lambda: not Path(f"/proc/{child}").exists())
        desk.give("short", SHORT)
        until(lambda: desk.results)

    assert desk.outcomes["long"]["reason"] == "RunnerCrashed"
    assert set(desk.results) == {"short"}


def test_no_child_outlives_its_host(desk: DeskServer, tmp_path: Path) -> None:
    desk.give("long", LONG)
    with running_host(desk, tmp_path) as host:
        until(lambda: solving(host.pid))
        ((parent, child),) = solving(host.pid)
        host.kill()
        until(lambda: not Path(f"/proc/{child}").exists() and not Path(f"/proc/{parent}").exists())
