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
from batterysim_runner.__main__ import main
from batterysim_runner.report.provenance import origin
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


def run_here(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> ExitCode:
    """Run the same in this process, which has PyBaMM already."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return main()


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


def test_a_run_of_several_cycles_looks_for_a_checkpoint(
    pod: Pod, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    steps = {"experiment": {"steps": ["Rest for 1 minute"], "cycles": 2}}
    spec = raw_spec(model={"family": "SPM"}, protocol=steps)
    with bridge_server() as bridge:
        bridge.checkpoint = b"rubbish"
        assert run_here(pod.environment(spec, bridge.url), monkeypatch) == ExitCode.OK

    assert capfd.readouterr().out.splitlines() == [
        "lab/cell: begins anew, because the checkpoint is of no use: it cannot be read (ValueError)",
        "lab/cell: StepsFinished at 120 s",
    ]
    (put,) = bridge.results
    metadata = ResultMetadata.model_validate_json(
        pq.read_schema(io.BytesIO(put.body)).metadata[b"batterysim"]
    )
    assert [record.cycle for record in metadata.cycles or []] == [1, 2]


def test_an_impedance_which_has_no_time_is_uploaded_like_all_else(
    pod: Pod, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    frequencies = {"lowestHertz": 1, "highestHertz": 10, "pointsPerDecade": 1}
    spec = raw_spec(model={"family": "SPM"}, protocol={"impedance": {"frequencyRange": frequencies}})
    with bridge_server() as bridge:
        assert run_here(pod.environment(spec, bridge.url), monkeypatch) == ExitCode.OK

    assert capfd.readouterr().out == "lab/cell: SweepFinished\n"
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
    pod: Pod,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    spec: object,
    answer: int,
    code: ExitCode,
    reason: str,
) -> None:
    with bridge_server() as bridge:
        bridge.answers = [answer]
        assert run_here(pod.environment(spec, bridge.url), monkeypatch) == code

    words = pod.last_words()
    assert words is not None
    assert words.reason == reason
    errors = capfd.readouterr().err
    assert f"lab/cell: {reason}: {words.message}" in errors
    assert "Traceback" not in errors


def test_a_config_map_that_is_not_there(
    pod: Pod, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    cell = {"parameterSet": None, "bpx": {"configMapKeyRef": {"name": "cells", "key": "mine.json"}}}

    assert run_here(pod.environment(raw_spec(cell=cell)), monkeypatch) == ExitCode.INVALID_SPEC

    words = pod.last_words()
    assert words is not None
    assert (words.reason, words.message) == (
        "InvalidSpec",
        "spec.cell.bpx.configMapKeyRef: key 'mine.json' of ConfigMap 'cells' is not in namespace 'lab': "
        "create it first, or correct the reference",
    )
    assert "Traceback" not in capfd.readouterr().err


def test_a_bpx_file_from_a_config_map_is_solved(pod: Pod, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = {"parameterSet": None, "bpx": {"configMapKeyRef": {"name": "cells", "key": "mine.json"}}}
    (pod.directory / "references").mkdir()
    (pod.directory / "references" / "bpx.json").write_text(json.dumps(bpx_document()), encoding="utf-8")
    with bridge_server() as bridge:
        assert run_here(pod.environment(SHORT | {"cell": cell}, bridge.url), monkeypatch) == ExitCode.OK

    (put,) = bridge.results
    schema = pq.read_schema(io.BytesIO(put.body))
    provenance = ResultMetadata.model_validate_json(schema.metadata[b"batterysim"]).provenance
    inline = spec_of(**SHORT | {"cell": bpx_cell(bpx_document())})
    assert provenance.spec_sha256 == origin(inline).spec_sha256


def test_a_defect_of_ours_leaves_its_traceback_in_the_log_and_a_word_that_says_so(
    pod: Pod, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    environment = pod.environment(SHORT)
    (pod.directory / "spec.json").unlink()  # nothing that a user could do

    assert run_here(environment, monkeypatch) == ExitCode.CRASHED

    words = pod.last_words()
    assert words is not None
    assert words.reason == "RunnerCrashed"
    assert words.message.startswith("the runner has a defect (FileNotFoundError: ")
    assert "Traceback" in capfd.readouterr().err
