"""The runner's process: its exit code, its last words, and what it leaves at the bridge."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest

from batterysim.failure import ExitCode, TerminationMessage
from batterysim.results import ResultMetadata
from batterysim_runner.report.provenance import origin
from batterysim_runner.solution import solve
from tests.builders import bpx_cell, bpx_document, constant_current, raw_spec, spec_of
from tests.unit.runner.bridge_server import bridge_server

SHORT = raw_spec(model={"family": "SPM"}, protocol=constant_current(5, 60))


class Pod(NamedTuple):
    """A runner's surroundings in a directory of its own."""

    directory: Path

    def environment(self, spec: object, bridge_url: str = "http://127.0.0.1:1") -> dict[str, str]:
        """Write the runner's inputs, and return the variables that the operator sets."""
        (self.directory / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
        (self.directory / "token").write_text("the-token", encoding="utf-8")
        return {
            "BATTERYSIM_NAMESPACE": "lab",
            "BATTERYSIM_NAME": "cell",
            "BATTERYSIM_BRIDGE_URL": bridge_url,
            "BATTERYSIM_IMAGE": "runner:1",
            "BATTERYSIM_POD_NAME": "bsim-1-abcde",
            "BATTERYSIM_INPUT_DIR": str(self.directory),
            "BATTERYSIM_TERMINATION_LOG": str(self.directory / "termination-log"),
        }

    def last_words(self) -> TerminationMessage | None:
        """Return what the operator gets to read."""
        log = self.directory / "termination-log"
        return TerminationMessage.model_validate_json(log.read_bytes()) if log.exists() else None


@pytest.fixture
def pod(tmp_path: Path) -> Pod:
    return Pod(tmp_path)


def run_process(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the runner as its container does."""
    return subprocess.run(
        [sys.executable, "-m", "batterysim_runner"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_good_run_leaves_its_result_at_the_bridge_and_no_last_words(pod: Pod) -> None:
    with bridge_server() as bridge:
        ended = run_process(pod.environment(SHORT, bridge.url))

    assert (ended.returncode, ended.stderr, pod.last_words()) == (ExitCode.OK, "", None)
    assert ended.stdout == "lab/cell: DurationReached at 60 s\n"
    (put,) = bridge.results
    table = pq.read_table(io.BytesIO(put.body))
    metadata = ResultMetadata.model_validate_json(table.schema.metadata[b"batterysim"])
    assert table.num_rows == 101
    assert metadata.summary.discharge_capacity_ampere_hours == pytest.approx(5 / 60)
    assert metadata.provenance.image == "runner:1"
    times = metadata.times
    assert times.runner_started_time < times.solver_imported_time < times.solved_time
    assert {json.loads(progress.body)["stage"] for progress in bridge.progress} <= {"Starting", "Solving"}


FAILS_ON_THE_WAY = raw_spec(
    cell={"initialStateOfCharge": 1.0},
    protocol=constant_current(100, 3600),
    cutOffPolicy={"lower": "Ignore", "upper": "Ignore"},
    output={"periodSeconds": 1},
)


def test_a_run_that_fails_on_the_way_leaves_its_part_at_the_bridge_and_why(pod: Pod) -> None:
    with bridge_server() as bridge:
        ended = run_process(pod.environment(FAILS_ON_THE_WAY, bridge.url))

    last_words = pod.last_words()
    assert last_words is not None
    assert (ended.returncode, last_words.reason) == (ExitCode.SOLVER_FAILED, "SolverFailed")
    (put,) = bridge.results
    table = pq.read_table(io.BytesIO(put.body))
    summary = ResultMetadata.model_validate_json(table.schema.metadata[b"batterysim"]).summary
    assert (summary.end_reason, summary.partial) == ("SolverFailed", True)
    assert summary.failure_message == last_words.message
    assert table["Time [s]"].to_pylist()[:5] == [0, 1, 2, 3, 4]


def test_a_run_that_goes_on_asks_the_bridge_for_the_earlier_state(pod: Pod) -> None:
    first = solve(spec_of(**SHORT))
    assert first.state is not None
    spec = raw_spec(**SHORT | {"cell": {"parameterSet": "Chen2020", "initialState": {"fromResult": "first"}}})
    with bridge_server() as bridge:
        bridge.initial_state = (200, first.state.encode())
        ended = run_process(pod.environment(spec, bridge.url))

    assert (ended.returncode, ended.stderr) == (ExitCode.OK, "")
    schema = pq.read_schema(io.BytesIO(bridge.results[0].body))
    metadata = ResultMetadata.model_validate_json(schema.metadata[b"batterysim"])
    assert metadata.summary.start_volts == pytest.approx(first.values["Voltage [V]"][-1], abs=1e-4)
    assert metadata.provenance.initial_state_sha256 == first.state.sha256


def test_a_run_whose_earlier_result_is_gone_says_so(pod: Pod) -> None:
    spec = raw_spec(**SHORT | {"cell": {"parameterSet": "Chen2020", "initialState": {"fromResult": "first"}}})
    with bridge_server() as bridge:
        bridge.initial_state = (410, b'{"detail": "removed by retention", "retryable": false}')
        ended = run_process(pod.environment(spec, bridge.url))

    words = pod.last_words()
    assert words is not None
    assert (ended.returncode, words.reason) == (ExitCode.INVALID_SPEC, "InvalidSpec")
    assert words.message == "spec.cell.initialState.fromResult: removed by retention"


def test_a_run_of_several_cycles_looks_for_a_checkpoint(pod: Pod) -> None:
    steps = {"experiment": {"steps": ["Rest for 1 minute"], "cycles": 2}}
    spec = raw_spec(model={"family": "SPM"}, protocol=steps)
    with bridge_server() as bridge:
        bridge.checkpoint = b"rubbish"
        ended = run_process(pod.environment(spec, bridge.url))

    assert ended.returncode == ExitCode.OK
    assert ended.stdout.splitlines() == [
        "lab/cell: starts from the beginning, because the checkpoint cannot be used: "
        "it cannot be read (ValueError)",
        "lab/cell: StepsFinished at 120 s",
    ]
    (put,) = bridge.results
    metadata = ResultMetadata.model_validate_json(
        pq.read_schema(io.BytesIO(put.body)).metadata[b"batterysim"]
    )
    assert [record.cycle for record in metadata.cycles or []] == [1, 2]


def test_an_impedance_which_has_no_time_is_uploaded_like_all_else(pod: Pod) -> None:
    frequencies = {"lowestHertz": 1, "highestHertz": 10, "pointsPerDecade": 1}
    spec = raw_spec(model={"family": "SPM"}, protocol={"impedance": {"frequencyRange": frequencies}})
    with bridge_server() as bridge:
        ended = run_process(pod.environment(spec, bridge.url))

    assert (ended.returncode, ended.stdout) == (ExitCode.OK, "lab/cell: SweepFinished\n")
    assert len(bridge.results) == 1


def test_a_bad_spec_is_told_without_a_traceback(pod: Pod) -> None:
    ended = run_process(pod.environment(raw_spec(cell={"parameters": {"Contact resistence [Ohm]": 0.1}})))

    words = pod.last_words()
    assert ended.returncode == ExitCode.INVALID_SPEC
    assert words is not None
    assert words.reason == "UnknownParameter"
    assert "use 'Contact resistance [Ohm]'" in words.message
    assert ended.stderr == f"lab/cell: UnknownParameter: {words.message}\n"


@pytest.mark.parametrize(
    ("spec", "answer", "code", "reason"),
    [
        (raw_spec(cell={"initialStateOfCharge": 0.0}), 200, ExitCode.INFEASIBLE, "Infeasible"),
        (
            raw_spec(protocol=constant_current(20, 3600), cutOffPolicy={"lower": "Ignore"}),
            200,
            ExitCode.SOLVER_FAILED,
            "SolverFailed",
        ),
        (SHORT, 413, ExitCode.RESULT_REFUSED, "ResultRefused"),
        (["no", "spec"], 200, ExitCode.INVALID_SPEC, "InvalidSpec"),
    ],
    ids=["infeasible", "solver", "refused", "no spec"],
)
def test_what_no_other_try_can_change(
    pod: Pod, spec: object, answer: int, code: ExitCode, reason: str
) -> None:
    with bridge_server() as bridge:
        bridge.answers = [answer]
        ended = run_process(pod.environment(spec, bridge.url))

    assert ended.returncode == code
    words = pod.last_words()
    assert words is not None
    assert words.reason == reason
    assert f"lab/cell: {reason}: {words.message}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_config_map_that_is_not_there(pod: Pod) -> None:
    cell = {"parameterSet": None, "bpx": {"configMapKeyRef": {"name": "cells", "key": "mine.json"}}}

    ended = run_process(pod.environment(raw_spec(cell=cell)))

    assert ended.returncode == ExitCode.INVALID_SPEC

    words = pod.last_words()
    assert words is not None
    assert (words.reason, words.message) == (
        "InvalidSpec",
        "spec.cell.bpx.configMapKeyRef: key 'mine.json' of ConfigMap 'cells' is not in namespace 'lab': "
        "create it first, or correct the reference",
    )
    assert "Traceback" not in ended.stderr


def test_a_bpx_file_from_a_config_map_is_solved(pod: Pod) -> None:
    cell = {"parameterSet": None, "bpx": {"configMapKeyRef": {"name": "cells", "key": "mine.json"}}}
    (pod.directory / "references").mkdir()
    (pod.directory / "references" / "bpx.json").write_text(json.dumps(bpx_document()), encoding="utf-8")
    with bridge_server() as bridge:
        ended = run_process(pod.environment(SHORT | {"cell": cell}, bridge.url))

    assert ended.returncode == ExitCode.OK
    (put,) = bridge.results
    schema = pq.read_schema(io.BytesIO(put.body))
    provenance = ResultMetadata.model_validate_json(schema.metadata[b"batterysim"]).provenance
    inline = spec_of(**SHORT | {"cell": bpx_cell(bpx_document())})
    assert provenance.spec_sha256 == origin(inline).spec_sha256


def test_a_defect_of_ours_leaves_its_traceback_in_the_log_and_a_word_that_says_so(pod: Pod) -> None:
    environment = pod.environment(SHORT)
    (pod.directory / "spec.json").unlink()  # nothing that a user could do

    ended = run_process(environment)

    assert ended.returncode == ExitCode.CRASHED
    words = pod.last_words()
    assert words is not None
    assert words.reason == "RunnerCrashed"
    assert words.message.startswith("the runner has a defect (FileNotFoundError: ")
    assert "Traceback" in ended.stderr


def test_a_solver_that_never_returns_is_ended_at_the_limit(pod: Pod) -> None:
    hold = {"constantVoltage": {"volts": 2.5, "durationSeconds": 60}}
    spec = raw_spec(cell={"initialStateOfCharge": 1}, protocol=hold, solver={"wallClockLimitSeconds": 3})

    ended = run_process(pod.environment(spec))

    words = pod.last_words()
    assert ended.returncode == ExitCode.WALL_CLOCK_LIMIT
    assert words is not None
    assert words.reason == "WallClockLimit"
    assert "spec.solver.wallClockLimitSeconds = 3 s" in words.message
