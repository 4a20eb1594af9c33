"""Sweeps in the commands that call a cluster, where they are named as bsweep/NAME."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from typer.testing import CliRunner, Result

from batterysim import names
from batterysim.failure import ExitCode
from batterysim_cli.__main__ import app
from batterysim_client import async_sweeps
from batterysim_client.async_sweeps import AsyncSweeps
from batterysim_client.backends.rest import HttpBackend
from tests.builders import Json
from tests.unit.api.sweep.builders import C_RATE, raw_sweep
from tests.unit.cli.builders import manifest as simulation_manifest
from tests.unit.cli.builders import write
from tests.unit.cli.fake_client import FakeClient, cluster
from tests.unit.client.builders import http_to

__all__ = ["cluster"]

SPEC = raw_sweep({"field": C_RATE, "values": [0.5, 1]})
PROGRESS = {"points": 2, "done": 1, "failed": 0, "shards": 1}


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def manifest(name: str = "rates", **fields: Any) -> Json:
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.SWEEP_KIND,
        "metadata": {"name": name},
        "spec": SPEC,
    } | fields


class Server:
    """A bridge with sweeps, which are in one phase after the other each time they are read."""

    def __init__(self) -> None:
        self.sweeps: dict[str, Json] = {}
        self.phases = ["Succeeded"]
        self.failure: Json | None = None
        self.deleted: list[str] = []
        self.asked: list[Json] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(dict(request.url.params))
        if request.method == "POST":
            sent = json.loads(request.content)
            self.sweeps[sent["metadata"]["name"]] = sent
            return httpx.Response(202, json=self._seen(sent, "Pending"))
        if path.endswith("/points/7/result"):
            return httpx.Response(200, content=f"point 7 as {request.url.params['format']}\n".encode())
        if path.endswith("/points"):
            return httpx.Response(200, content=f"as {request.url.params['format']}\n".encode())
        name = path.rpartition("/")[2]
        if request.method == "DELETE":
            self.deleted.append(name)
            return httpx.Response(204)
        phase = self.phases.pop(0) if len(self.phases) > 1 else self.phases[0]
        return httpx.Response(200, json=self._seen(manifest(name), phase))

    def _seen(self, sent: Json, phase: str) -> Json:
        status: Json = {"phase": phase, "design": {"points": 2}, "progress": PROGRESS}
        if self.failure is not None:
            status["failure"] = self.failure
        metadata = {"creationTimestamp": "2026-11-24T10:00:00Z", **sent["metadata"], "namespace": "lab"}
        return sent | {"metadata": metadata, "status": status}


@pytest.fixture
def server(cluster: FakeClient, monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()

    async def connected() -> HttpBackend:
        return HttpBackend(http_to(found.answer), "http://server", "lab")

    monkeypatch.setattr(async_sweeps, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(cluster, "sweeps", AsyncSweeps(connected), raising=False)
    return found


def test_submit_sends_sweeps_and_simulations_of_one_file(server: Server, tmp_path: Path) -> None:
    result = invoke("submit", write(tmp_path / "a.yaml", manifest()), "--set", f"spec.simulation.{C_RATE}=2")

    assert result.exit_code == 0, result.stderr
    assert result.stdout == "rates submitted (context kind, namespace lab)\n"
    assert server.sweeps["rates"]["spec"]["simulation"]["protocol"]["constantCurrent"]["cRate"] == 2


@pytest.mark.parametrize(("output", "parse"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_simulations_and_sweeps_are_printed_as_one_document(
    server: Server, tmp_path: Path, output: str, parse: Callable[[str], Json]
) -> None:
    file = write(tmp_path / "both.yaml", manifest(), simulation_manifest("cell"))

    document = parse(invoke("submit", file, "-o", output).stdout)

    assert document["kind"] == "List"
    assert [(it["kind"], it["metadata"]["name"]) for it in document["items"]] == [
        (names.KIND, "cell"),
        (names.SWEEP_KIND, "rates"),
    ]


def test_an_invalid_sweep_is_not_sent(server: Server, tmp_path: Path) -> None:
    wrong = manifest(spec=SPEC | {"vary": [{"field": "cell.soc", "values": [1]}]})

    result = invoke("submit", write(tmp_path / "a.yaml", wrong))

    assert result.exit_code == ExitCode.INVALID_SPEC
    assert "spec.vary.0.field: 'cell.soc' is no field" in result.stderr
    assert server.sweeps == {}


def test_submit_waits_and_says_how_far_it_is(server: Server, tmp_path: Path) -> None:
    server.phases = ["Pending", "Running", "Running", "Succeeded"]

    result = invoke("submit", write(tmp_path / "a.yaml", manifest()), "--wait")

    assert result.exit_code == 0
    assert "rates: Running, 1 of 2 points\n" in result.stderr
    assert result.stdout.splitlines()[0].split()[:4] == ["NAME", "PHASE", "POINTS", "DONE"]


def test_watch_ends_with_the_code_of_the_failure(server: Server) -> None:
    server.phases = ["Failed"]
    server.failure = {"reason": "TooManyFailedPoints", "message": "3 points have failed"}

    result = invoke("watch", "bsweep/rates")

    assert result.exit_code == ExitCode.SOLVER_FAILED
    assert "TooManyFailedPoints" in result.stdout


def test_get_prints_a_sweep(server: Server) -> None:
    assert "Succeeded" in invoke("get", "bsweep/rates").stdout
    assert json.loads(invoke("get", "batterysweep.batterysim.dev/rates", "-o", "json").stdout)["kind"] == (
        names.SWEEP_KIND
    )
    assert invoke("get", "bsweep/rates", "-o", "name").stdout == "batterysweep.batterysim.dev/rates\n"


def test_sweeps_and_simulations_are_not_mixed(server: Server) -> None:
    result = invoke("get", "bsweep/rates", "cell")

    assert result.exit_code == 2
    assert "name either sweeps, as bsweep/NAME, or simulations" in result.stderr


def test_the_table_goes_to_a_file_or_to_standard_output(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "rates.parquet"

    assert invoke("result", "bsweep/rates").stdout == "as csv\n"
    invoke("result", "bsweep/rates", "-o", str(file))

    assert file.read_text() == "as parquet\n"


def test_a_points_whole_result_is_fetched_by_its_number(server: Server) -> None:
    assert invoke("result", "bsweep/rates", "--point", 7).stdout == "point 7 as csv\n"

    simulation = invoke("result", "cell", "--point", 7)

    assert simulation.exit_code == 2
    assert "only a sweep, bsweep/NAME, has points" in simulation.stderr


PART = ("--from", 600, "--to", 1200, "--points", 10, "--every", 2)


def test_a_part_of_a_points_result_is_fetched(server: Server) -> None:
    invoke("result", "bsweep/rates", "--point", 7, *PART)

    window = {"from": "600", "to": "1200", "points": "10", "every": "2"}
    assert server.asked[-1] == {"format": "csv"} | window


@pytest.mark.parametrize("option", ["--from", "--to", "--points", "--every"])
def test_the_table_of_points_has_no_times(server: Server, option: str) -> None:
    result = invoke("result", "bsweep/rates", option, 10)

    assert result.exit_code == 2
    assert f"{option}: 10 is for a result over time" in " ".join(result.stderr.split())
    assert "add --point N" in " ".join(result.stderr.split())
    assert server.asked == []


def test_delete_deletes_sweeps(server: Server) -> None:
    assert invoke("delete", "bsweep/rates").stdout == "rates deleted\n"
    assert server.deleted == ["rates"]
