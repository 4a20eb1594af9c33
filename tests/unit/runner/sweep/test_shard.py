"""A shard of a sweep in a pod: its process, and a bridge over real HTTP."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from batterysim.failure import STOPPED_EXIT_CODE, ExitCode
from batterysim.results import PARQUET_METADATA_KEY
from batterysim_runner.sweep.environment import ENVIRONMENT
from tests.builders import Json, constant_current
from tests.sweeps import solve_sweep
from tests.unit.api.sweep.builders import raw_sweep

SERIES = re.compile(r"/v1/sweeps/lab/temperatures/points/(\d+)/result")
PART = re.compile(r"/v1/sweeps/lab/temperatures/shards/(\d+)/parts(?:/(\d+))?")


class Bridge:
    """Keeps parts as the bridge does. taken: it says of each part that another one is there."""

    def __init__(self) -> None:
        self.parts: dict[tuple[int, int], bytes] = {}
        self.series: dict[int, bytes] = {}
        self.tallies: list[Json] = []
        self.taken = False
        self.url = ""

    def table(self) -> pd.DataFrame:
        """Return all rows, in the order of their points."""
        read = [pd.read_parquet(io.BytesIO(content)) for content in self.parts.values()]
        return pd.concat(read).sort_values("point").reset_index(drop=True)


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    with served() as found:
        yield found


@contextmanager
def served() -> Iterator[Bridge]:
    bridge = Bridge()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found = PART.fullmatch(self.path)
            if (kept := SERIES.fullmatch(self.path)) is not None:
                bridge.series[int(kept[1])] = body
            elif found is None:
                bridge.tallies.append(json.loads(body))
            elif bridge.taken:
                self._answer(409, b'{"type": "urn:batterysim:problem:part-taken", "retryable": false}')
                return
            else:
                bridge.parts[int(found[1]), int(found[2])] = body
            self._answer(204, b"")

        def do_GET(self) -> None:
            found = PART.fullmatch(self.path)
            assert found is not None
            if found[2] is not None:
                self._answer(200, bridge.parts[int(found[1]), int(found[2])])
                return
            count = sum(shard == int(found[1]) for shard, _ in bridge.parts)
            self._answer(200, json.dumps({"parts": count}).encode())

        def _answer(self, code: int, content: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    bridge.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield bridge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def temperatures(points: int, shards: int = 2, **fields: Any) -> Json:
    """Return a sweep, as the operator gives it to pods."""
    spec = raw_sweep(
        {"field": "cell.ambientTemperatureCelsius", "range": {"from": 0, "to": 40, "points": points}},
        objective={"metric": "endVolts", "goal": "Maximise"},
        run={"shards": shards},
        **fields,
    )
    spec["simulation"]["protocol"] = constant_current(5, 60)
    return spec


def start_shard(bridge: Bridge, directory: Path, spec: Json, shard: int) -> subprocess.Popen[bytes]:
    """Start the process of a shard's pod."""
    (directory / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    (directory / "token").write_text("a-token", encoding="utf-8")
    variables = {
        "BATTERYSIM_NAMESPACE": "lab",
        "BATTERYSIM_NAME": "temperatures",
        "BATTERYSIM_BRIDGE_URL": bridge.url,
        "BATTERYSIM_IMAGE": "runner:1",
        "BATTERYSIM_POD_NAME": f"pod-{shard}",
        "BATTERYSIM_INPUT_DIR": str(directory),
        "BATTERYSIM_TERMINATION_LOG": str(directory / "words"),
        "JOB_COMPLETION_INDEX": str(shard),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    command = [sys.executable, "-m", "batterysim_runner.sweep.shard"]
    return subprocess.Popen(command, env=os.environ | ENVIRONMENT | variables)


def solve_shard(bridge: Bridge, directory: Path, spec: Json, shard: int) -> int:
    return start_shard(bridge, directory, spec, shard).wait(timeout=300)


def test_shards_make_the_table_that_one_machine_makes(bridge: Bridge, tmp_path: Path) -> None:
    spec = temperatures(5)

    codes = [solve_shard(bridge, tmp_path, spec, shard) for shard in range(2)]

    expected = solve_sweep(spec, tmp_path).table
    assert codes == [ExitCode.OK, ExitCode.OK]
    # Two points of a shape are built one by one, five together: the last digits may differ.
    pd.testing.assert_frame_equal(bridge.table(), expected, rtol=1e-6)
    ends = [tally for tally in bridge.tallies if tally["isOver"]]
    assert [(end["points"], end["done"], end["shards"]) for end in ends] == [(2, 2, 2), (3, 3, 2)]
    assert "designSha256" in ends[0]
    assert ends[1]["best"][0]["value"] == expected.endVolts[2:].max()
    assert ends[1]["best"][0]["values"] == {"cell.ambientTemperatureCelsius": "40"}


def test_a_pod_that_is_told_to_end_stores_its_rows_and_the_next_one_goes_on_behind_them(
    bridge: Bridge, tmp_path: Path
) -> None:
    spec = temperatures(1400, shards=1)
    pod = start_shard(bridge, tmp_path, spec, 0)
    deadline = time.monotonic() + 120
    while not any(tally["done"] for tally in bridge.tallies):
        assert time.monotonic() < deadline
        assert pod.poll() is None
        time.sleep(0.02)
    pod.send_signal(signal.SIGTERM)

    assert pod.wait(timeout=60) == STOPPED_EXIT_CODE
    before = dict(bridge.parts)
    assert 0 < len(bridge.table()) < 1400
    assert solve_shard(bridge, tmp_path, spec, 0) == ExitCode.OK

    assert {key: bridge.parts[key] for key in before} == before
    assert list(bridge.table().point) == list(range(1400))
    assert bridge.tallies[-1]["done"] == 1400


@pytest.mark.parametrize(("keep", "points"), [("All", [0, 1, 2]), ("Best", [0, 1, 2]), ("None", [])])
def test_whole_results_are_stored_before_the_rows_of_their_points(
    keep: str, points: list[int], bridge: Bridge, tmp_path: Path
) -> None:
    spec = temperatures(3, shards=1, series={"keep": keep})

    assert solve_shard(bridge, tmp_path, spec, 0) == ExitCode.OK

    assert sorted(bridge.series) == points
    table = bridge.table()
    for point, content in bridge.series.items():
        series = pq.read_table(io.BytesIO(content))
        assert series["Voltage [V]"][-1].as_py() == pytest.approx(table.endVolts[point], abs=1e-6)
        about = json.loads(series.schema.metadata[PARQUET_METADATA_KEY])
        assert (about["provenance"]["image"], about["provenance"]["podName"]) == ("runner:1", "pod-0")
    assert list(table.point) == [0, 1, 2]


def test_a_shard_that_has_all_rows_keeps_its_best_before_it_ends(bridge: Bridge, tmp_path: Path) -> None:
    """Its pod was killed between its last part and its best results."""
    spec = temperatures(12, shards=1, series={"keep": "Best"})
    solve_shard(bridge, tmp_path, spec, 0)
    before = dict(bridge.parts)
    bridge.series.clear()
    bridge.tallies.clear()

    assert solve_shard(bridge, tmp_path, spec, 0) == ExitCode.OK

    assert bridge.parts == before
    assert sorted(bridge.series) == sorted(bridge.table().endVolts.nlargest(10).index)
    assert bridge.tallies[-1]["isOver"]


def test_a_shard_whose_end_was_not_heard_only_says_so_again(bridge: Bridge, tmp_path: Path) -> None:
    spec = temperatures(3, shards=1)
    solve_shard(bridge, tmp_path, spec, 0)
    bridge.tallies.clear()
    before = dict(bridge.parts)

    assert solve_shard(bridge, tmp_path, spec, 0) == ExitCode.OK

    assert bridge.parts == before
    assert (bridge.tallies[-1]["done"], bridge.tallies[-1]["isOver"]) == (3, True)


def test_a_pod_gives_way_to_another_one_of_its_shard(bridge: Bridge, tmp_path: Path) -> None:
    bridge.taken = True

    assert solve_shard(bridge, tmp_path, temperatures(2, shards=1), 0) == ExitCode.UPLOAD_FAILED

    assert "part-taken" in (tmp_path / "words").read_text()


def test_too_many_failures_end_it(bridge: Bridge, tmp_path: Path) -> None:
    spec = temperatures(6, shards=1)
    spec["simulation"]["cell"]["initialStateOfCharge"] = 0.0
    spec["simulation"]["protocol"] = constant_current(20, 60)
    spec["run"]["maxFailedPoints"] = 1

    assert solve_shard(bridge, tmp_path, spec, 0) == ExitCode.SOLVER_FAILED

    words = json.loads((tmp_path / "words").read_text())
    assert words["reason"] == "TooManyFailedPoints"
    assert bridge.tallies[-1]["failed"] == 2


def test_a_config_map_that_is_missing_is_named(bridge: Bridge, tmp_path: Path) -> None:
    spec = temperatures(2) | {
        "vary": [],
        "design": {"table": {"configMapKeyRef": {"name": "points", "key": "a.csv"}}},
    }
    del spec["objective"]

    assert solve_shard(bridge, tmp_path, spec, 0) == ExitCode.INVALID_SPEC

    assert "key 'a.csv' of ConfigMap 'points' is not in namespace 'lab'" in (tmp_path / "words").read_text()
