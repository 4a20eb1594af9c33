"""The commands for a cluster: what they ask for, print and end with."""

import asyncio
import json
import signal
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from batterysim.failure import ExitCode
from batterysim_cli.__main__ import app
from batterysim_cli.commands import waiting
from batterysim_cli.commands.exit_status import ExitStatus
from batterysim_client import Change, ChangeKind
from tests.unit.cli.builders import manifest, write
from tests.unit.cli.fake_client import FakeClient, cluster, ended, running, succeeded
from tests.unit.client.builders import failed, simulation

__all__ = ["cluster"]  # a fixture


def invoke(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)], input=stdin)


def have(cluster: FakeClient, *simulations, changes: tuple[Change, ...] = ()) -> None:
    cluster.simulations = {item.name: item for item in simulations}
    cluster.changes = changes


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_get_shows_what_kubectl_shows(cluster: FakeClient) -> None:
    have(cluster, succeeded("a"), running("b"), failed("SolverFailed", "c"))

    result = invoke("get")

    assert result.exit_code == 0
    found = [row[:-1] for row in rows(result.stdout)[1:]]
    assert found == [
        ["a", "Succeeded", "discharge", "5", "A", "100", "LowerCutOff", "4.93819"],
        ["b", "Running", "40"],
        ["c", "Failed", "SolverFailed"],
    ]


def test_submit_leaves_a_generated_name_to_the_cluster(cluster: FakeClient, tmp_path: Path) -> None:
    file = write(tmp_path / "file.yaml", manifest() | {"metadata": {"generateName": "cell-"}})

    result = invoke("submit", file, "-o", "name")

    assert (result.exit_code, result.stdout) == (0, "batterysimulation.batterysim.dev/cell-x7k2p\n")


def test_get_asks_for_what_is_wanted(cluster: FakeClient) -> None:
    invoke(
        "get",
        "-A",
        "--phase",
        "Running",
        "--protocol",
        "driveCycle",
        "-l",
        "a=b",
        "--filter",
        "x",
        "-n",
        "lab",
    )

    assert cluster.asked == {
        "all_namespaces": True,
        "phases": ["Running"],
        "protocols": ["driveCycle"],
        "labels": "a=b",
        "text": "x",
    }
    assert cluster.options["namespace"] == "lab"


def test_get_of_one_prints_the_object_and_of_several_a_list(cluster: FakeClient) -> None:
    have(cluster, succeeded("a"), running("b"))

    assert json.loads(invoke("get", "a", "-o", "json").stdout)["metadata"]["name"] == "a"
    listed = yaml.safe_load(invoke("get", "a", "b", "-o", "yaml").stdout)
    assert (listed["kind"], [item["metadata"]["name"] for item in listed["items"]]) == ("List", ["a", "b"])
    assert json.loads(invoke("get", "-o", "json").stdout)["kind"] == "List"


def test_the_names_that_get_prints_can_be_given_back(cluster: FakeClient) -> None:
    have(cluster, succeeded("a"), running("b"))
    names = invoke("get", "-o", "name").stdout.split()

    assert names == ["batterysimulation.batterysim.dev/a", "batterysimulation.batterysim.dev/b"]
    assert invoke("delete", *names).stdout == "a deleted\nb deleted\n"
    assert cluster.simulations == {}


def test_get_of_nothing_says_where_it_looked(cluster: FakeClient) -> None:
    result = invoke("get")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No simulations (context kind, namespace lab).\n"


def test_submit_sends_files_with_their_changes(cluster: FakeClient, tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", manifest("a"), {"kind": "ConfigMap"})

    result = invoke("submit", file, "--set", "spec.cell.initialStateOfCharge=0.5", "--label", "a=b")

    assert result.exit_code == 0
    assert result.stdout == "a submitted (context kind, namespace lab)\n"
    assert result.stderr == f"{file}: skipped a ConfigMap: kubectl apply it\n"
    assert cluster.asked["manifest"]["spec"]["cell"]["initialStateOfCharge"] == 0.5
    assert cluster.asked["labels"] == {"a": "b"}


def test_submit_leaves_a_simulation_in_the_namespace_of_its_file(cluster: FakeClient, tmp_path: Path) -> None:
    elsewhere = manifest("a")
    elsewhere["metadata"]["namespace"] = "plant"

    invoke("submit", write(tmp_path / "a.yaml", elsewhere), "-n", "lab")

    assert cluster.asked["manifest"]["metadata"] == {"name": "a", "namespace": "plant"}


def test_submit_reads_standard_input_and_takes_another_name(cluster: FakeClient) -> None:
    text = yaml.safe_dump(manifest("a"))

    assert invoke("submit", "-", "--name", "b", "-o", "name", stdin=text).stdout.endswith("/b\n")


def test_submit_sends_nothing_when_one_is_invalid(cluster: FakeClient, tmp_path: Path) -> None:
    files = [write(tmp_path / "a.yaml", manifest("a")), write(tmp_path / "b.yaml", manifest("b", cell={}))]

    result = invoke("submit", *files)

    assert result.exit_code == ExitCode.INVALID_SPEC
    assert f"batterysim: {files[1]}: b is invalid\n  spec.cell: set exactly one of" in result.stderr
    assert cluster.simulations == {}


def test_submit_leaves_references_to_the_cluster(cluster: FakeClient, tmp_path: Path) -> None:
    profile = {"profile": {"quantity": "Current", "configMapKeyRef": {"name": "drive", "key": "csv"}}}

    invoke("submit", write(tmp_path / "a.yaml", manifest("a", protocol=profile)))

    assert cluster.asked["manifest"]["spec"]["protocol"] == profile


def test_one_name_is_for_one_simulation(cluster: FakeClient, tmp_path: Path) -> None:
    result = invoke("submit", write(tmp_path / "a.yaml", manifest("a"), manifest("b")), "--name", "c")

    assert result.exit_code == ExitStatus.USAGE
    assert "one name is for one simulation, and there are 2" in result.stderr


def test_submit_and_wait_tells_each_step_and_ends_with_a_table(cluster: FakeClient, tmp_path: Path) -> None:
    cluster.changes = (
        Change(ChangeKind.PHASE, running("a")),
        Change(ChangeKind.PROGRESS, running("a", 60)),
        ended(succeeded("a")),
    )

    result = invoke("submit", write(tmp_path / "a.yaml", manifest("a")), "--wait")

    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "a submitted (context kind, namespace lab)",
        "a: Pending",
        "a: Running, Solving",
        "a: Succeeded Lower cut-off after 59 min 16 s",
    ]
    assert rows(result.stdout)[1][:2] == ["a", "Succeeded"]


def test_what_the_api_server_warns_of_is_printed_as_by_kubectl(cluster: FakeClient, tmp_path: Path) -> None:
    cluster.warning = "namespace 'lab' is not served"

    result = invoke("submit", write(tmp_path / "a.yaml", manifest("a")))

    assert result.exit_code == 0
    assert "Warning: namespace 'lab' is not served\n" in result.stderr


@pytest.mark.parametrize("command", ["watch", "submit"])
def test_one_that_waits_hears_that_no_operator_is_there(
    cluster: FakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(waiting, "UNATTENDED_SECONDS", 0.01)
    have(cluster, simulation("a", uid="a"), changes=(ended(succeeded("a")),))
    cluster.pause_seconds = 0.5
    submitted = ["submit", write(tmp_path / "a.yaml", manifest("a")), "--wait"]

    result = invoke(*(["watch", "a"] if command == "watch" else submitted))

    assert "a: no operator has taken it up yet: see whether the operator runs, and whether it serves" in (
        result.output
    )


def test_get_says_that_no_operator_is_there(cluster: FakeClient) -> None:
    have(cluster, simulation("a", uid="a"), running("b"))

    assert [line.split(":")[0] for line in invoke("get").stderr.splitlines()] == ["a"]


def test_submit_and_wait_ends_as_the_first_failure_does(cluster: FakeClient, tmp_path: Path) -> None:
    bad = simulation("b", uid="b", phase="Failed", failure={"reason": "Infeasible", "message": "charge it"})
    cluster.changes = (ended(succeeded("a")), ended(bad))

    result = invoke(
        "submit", write(tmp_path / "a.yaml", manifest("a"), manifest("b")), "--wait", "-o", "json"
    )

    assert result.exit_code == ExitCode.INFEASIBLE
    assert "b: Failed Infeasible: charge it" in result.stderr
    assert [item["status"]["phase"] for item in json.loads(result.stdout)["items"]] == ["Succeeded", "Failed"]


def test_watch_of_one_asks_for_no_more_than_that_one(cluster: FakeClient) -> None:
    have(cluster, running("a"), running("b"), changes=(ended(succeeded("a")),))

    assert invoke("watch", "a").exit_code == 0
    assert cluster.watched == [{"name": "a", "namespace": "lab"}]


def test_watch_without_names_follows_what_has_not_ended(cluster: FakeClient) -> None:
    have(
        cluster,
        succeeded("a"),
        running("b"),
        running("c"),
        changes=(ended(succeeded("b")), ended(succeeded("c"))),
    )

    result = invoke("watch", "-o", "name")

    assert result.stdout.split() == [f"batterysimulation.batterysim.dev/{name}" for name in "bc"]
    assert cluster.watched == [{"name": None, "namespace": "lab"}]


def test_watch_prints_a_document_for_each_change(cluster: FakeClient) -> None:
    have(cluster, running("a"), changes=(ended(succeeded("a")),))

    lines = invoke("watch", "a", "-o", "json").stdout.splitlines()
    assert [json.loads(line)["status"]["phase"] for line in lines] == ["Running", "Succeeded"]


def test_watch_of_nothing(cluster: FakeClient) -> None:
    result = invoke("watch")

    assert (result.exit_code, result.stderr) == (0, "Nothing is under way (context kind, namespace lab).\n")


def test_watch_of_what_is_deleted(cluster: FakeClient) -> None:
    have(cluster, running("a"), changes=(Change(ChangeKind.DELETED, running("a")),))

    result = invoke("watch", "a")

    assert result.exit_code == ExitStatus.NOT_FOUND
    assert "batterysim: 'a' was deleted before it had ended" in result.stderr


@pytest.fixture
def endless(cluster: FakeClient, monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    """Return a cluster in which a runs for ever."""
    have(cluster, running("a"))

    async def watch(name: str | None = None, **_: object):
        await asyncio.sleep(3600)
        yield ended(succeeded("a"))

    monkeypatch.setattr(cluster, "watch", watch)
    return cluster


def test_a_timeout_ends_the_waiting_and_not_the_run(endless: FakeClient) -> None:
    result = invoke("watch", "a", "--timeout", "0.01")

    assert result.exit_code == ExitStatus.TIMED_OUT
    assert "not all have ended within 0.01 s; the others continue" in result.stderr


def test_ctrl_c_says_that_the_simulation_goes_on_and_how_to_end_it(
    endless: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def watch(name: str | None = None, **_: object):
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(3600)
        yield ended(succeeded("a"))

    monkeypatch.setattr(endless, "watch", watch)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # pytest's workers ignore it
    try:
        result = invoke("watch", "a")
    finally:
        signal.signal(signal.SIGINT, before)

    assert result.exit_code == ExitStatus.INTERRUPTED
    assert "the others continue; to cancel them: batterysim cancel a\n" in result.stderr
    assert "a" in endless.simulations


def test_delete_goes_on_after_what_is_not_there(cluster: FakeClient) -> None:
    have(cluster, running("a"))

    result = invoke("delete", "nope", "a")

    assert result.exit_code == ExitStatus.NOT_FOUND
    assert (result.stdout, result.stderr) == ("a deleted\n", "batterysim: no simulation 'nope'\n")


def test_cancel_spares_what_has_a_result(cluster: FakeClient) -> None:
    have(cluster, running("a"), succeeded("b"))

    result = invoke("cancel", "a", "b")

    assert result.exit_code == ExitStatus.CONFLICT
    assert list(cluster.simulations) == ["b"]


def test_result_is_csv_on_standard_output_and_asks_for_a_part(cluster: FakeClient) -> None:
    options = ("--variables", "Voltage [V]", "--every", "2", "--from", "1", "--to", "2", "--points", "9")

    result = invoke("result", "a", *options)

    assert result.stdout == "as csv\n"
    assert cluster.asked == {
        "name": "a",
        "variables": ("Voltage [V]",),
        "every": 2,
        "start": 1.0,
        "end": 2.0,
        "points": 9,
    }


def test_a_file_that_cannot_be_written(cluster: FakeClient, tmp_path: Path) -> None:
    result = invoke("result", "a", "-o", tmp_path / "absent" / "a.csv")

    assert result.exit_code == ExitStatus.FILE
    expected = f"batterysim: {tmp_path / 'absent' / 'a.csv'} cannot be written: No such file or directory\n"
    assert result.stderr == expected


def test_both_ways_at_once_are_a_matter_of_configuration() -> None:
    result = invoke("get", "--server", "http://bridge", "--context", "kind")

    assert result.exit_code == ExitStatus.NOT_CONFIGURED
    assert result.stderr.startswith("batterysim: --server is for the bridge, --context for the API server")


def test_a_server_that_is_not_there() -> None:
    result = invoke("delete", "a", "--server", "http://127.0.0.1:9")

    assert result.exit_code == ExitStatus.UNREACHABLE
    assert result.stderr.startswith("batterysim: http://127.0.0.1:9 cannot be reached")
    assert "Traceback" not in result.stderr
