"""What the shell and kubectl can complete, and what is loaded for which command."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from batterysim_cli.__main__ import app
from batterysim_cli.commands import completion
from batterysim_cli.lazy_group import CLUSTER_COMMANDS
from batterysim_client import UnreachableError
from tests.unit.cli.fake_client import FakeClient, running, succeeded

KUBECTL = "from batterysim_cli.kubectl_completion import main; main()"
SLOW = {"pybamm", "pandas", "numpy", "pyarrow", "matplotlib", "uniplot", "batterysim_runner"}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    fake = FakeClient(succeeded("cell-a"), running("cell-b"), running("other"))

    def connect(**options: object) -> FakeClient:
        fake.options = options
        return fake

    monkeypatch.setattr(completion, "AsyncClient", connect)
    return fake


def completed(words: str, shell: str = "bash") -> list[str]:
    """Return what Typer's script for bash gets, the last word being the one that is typed."""
    environment = {
        "_BATTERYSIM_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": f"batterysim {words}",
        "COMP_CWORD": str(words.count(" ") + 1),
    }
    return CliRunner().invoke(app, env=environment, prog_name="batterysim").stdout.split()


def test_commands_and_options(cluster: FakeClient) -> None:
    assert {"submit", "run", "watch"} <= set(completed(""))
    assert completed("res") == ["result"]
    assert "--variables" in completed("result --v")
    assert completed("get -o ") == ["table", "name", "json", "yaml"]


def test_names_of_simulations(cluster: FakeClient) -> None:
    assert completed("result ") == ["cell-a", "cell-b", "other"]
    assert completed("delete cell-a cell") == ["cell-b"]
    assert completed("get -n lab --context kind oth") == ["other"]
    assert (cluster.options["namespace"], cluster.options["context"]) == ("lab", "kind")


def test_a_cluster_that_is_not_there_has_none(cluster: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: object) -> None:
        raise UnreachableError("away")

    monkeypatch.setattr(cluster, "list", away)

    assert completed("result ") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(shell: str) -> None:
    environment = {"_BATTERYSIM_COMPLETE": f"source_{shell}"}
    result = CliRunner().invoke(app, prog_name="batterysim", env=environment)

    assert f"_BATTERYSIM_COMPLETE=complete_{shell}" in result.stdout


def python(code: str, *arguments: str) -> list[str]:
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=os.environ | {"KUBECONFIG": os.devnull, "HOME": "/nonexistent"},
    )
    assert ended.stderr == ""
    return ended.stdout.splitlines()


def test_kubectl_asks_with_arguments_and_is_answered_with_a_directive() -> None:
    assert python(KUBECTL, "de") == ["delete", ":4"]
    assert python(KUBECTL, "get", "no-cluster") == [":4"]
    assert python(KUBECTL, "submit", "")[-1] == ":0"


LOADED = """
import json, sys
from batterysim_cli.__main__ import app
app(sys.argv[1:], standalone_mode=False)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize(
    "arguments", [["--help"], ["get", "--server", "http://127.0.0.1:9", "--help"], ["run", "--help"]]
)
def test_what_is_slow_to_import_is_not_imported(arguments: list[str]) -> None:
    loaded = set(json.loads(python(LOADED, *arguments)[-1]))

    assert loaded.isdisjoint(SLOW | {"kubernetes"})
    if arguments[0] != "get":
        assert loaded.isdisjoint({"batterysim_client", "httpx"})


@pytest.mark.parametrize("name", CLUSTER_COMMANDS)
def test_every_command_has_help_with_the_way_to_the_cluster(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])

    assert result.exit_code == 0
    for option in ("--namespace", "--context", "--server", "--token-file", "--bridge", "--service-account"):
        assert option in result.stdout
