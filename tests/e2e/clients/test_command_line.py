"""`batterysim` and `kubectl batterysim` on a real cluster, as a user types them."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from devtools.kube import SYSTEM_NAMESPACE, Kube, Results

from batterysim.failure import ExitCode
from batterysim_cli.commands.exit_status import ExitStatus
from tests.e2e.users import RBAC, bind, kubeconfig_of, make_user, may_have_tokens_for_the_bridge, token_of
from tests.e2e.waiting import until

EXAMPLE = Path(__file__).parents[3] / "examples" / "cell-discharge.yaml"
# Where `uv sync` puts the commands of this package, kubectl's plugin among them.
COMMANDS = Path(sys.executable).parent
EDITOR, VIEWER = "cli-editor", "cli-viewer"
Command = Callable[..., subprocess.CompletedProcess[str]]


def environment(**more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("BATTERYSIM_")}
    return own | {"PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}", "TERM": "dumb"} | more


def call(*words: object, **more: str) -> subprocess.CompletedProcess[str]:
    command = [*map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env=environment(**more)
    )


@pytest.fixture(scope="module", autouse=True)
def users(kube: Kube) -> None:
    proxy = {"apiGroup": RBAC, "kind": "Role", "name": "batterysim-bridge-proxy"}
    for user, role in ((EDITOR, "batterysim-editor"), (VIEWER, "batterysim-viewer")):
        make_user(kube, user, role)
        bind(kube, user, proxy, SYSTEM_NAMESPACE)
        may_have_tokens_for_the_bridge(kube, user)


@pytest.fixture(params=["by kubeconfig", "by URL and token", "as a kubectl plugin"])
def batterysim(request: pytest.FixtureRequest, kube: Kube, results: Results, tmp_path: Path) -> Command:
    """Return the command, with a way to the tests' namespace."""
    if request.param == "as a kubectl plugin":
        return lambda *words: call("kubectl", "batterysim", *words, "-n", kube.namespace)
    if request.param == "by kubeconfig":
        return lambda *words: call("batterysim", *words, "--namespace", kube.namespace)
    token = tmp_path / "token"
    token.write_text(token_of(kube, EDITOR), encoding="utf-8")
    variables = {"BATTERYSIM_SERVER": results.url, "BATTERYSIM_NAMESPACE": kube.namespace}
    return lambda *words: call("batterysim", *words, BATTERYSIM_TOKEN_FILE=str(token), **variables)


@pytest.fixture
def name() -> str:
    return f"cli-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def finished(kube: Kube, name: str) -> Iterator[str]:
    """Return the name of a simulation that has ended."""
    ended = call("batterysim", "submit", EXAMPLE, "--name", name, "-n", kube.namespace, "--wait")
    assert ended.returncode == 0, ended.stderr
    yield name
    kube.delete(name)


def test_from_submission_to_deletion(batterysim: Command, kube: Kube, name: str, tmp_path: Path) -> None:
    full = "spec.cell.initialStateOfCharge=1.0"
    submitted = batterysim("submit", EXAMPLE, "--name", name, "--set", full, "--wait")
    assert submitted.returncode == 0, submitted.stderr
    assert submitted.stdout.splitlines()[1].split()[:2] == [name, "Succeeded"]
    assert f"{name}: Succeeded Lower cut-off after" in submitted.stderr

    assert batterysim("get", name, "-o", "name").stdout.strip() == f"batterysimulation.batterysim.dev/{name}"
    status = yaml.safe_load(batterysim("get", name, "-o", "yaml").stdout)["status"]
    assert json.loads(batterysim("watch", name, "-o", "json").stdout)["status"] == status

    for ending in ("parquet", "csv", "json", "bdf.csv", "zip", "arrow"):
        fetched = batterysim("result", name, "-o", tmp_path / f"cell.{ending}")
        assert (fetched.returncode, fetched.stdout) == (0, ""), fetched.stderr
        assert (tmp_path / f"cell.{ending}").stat().st_size > 1000
    assert pq.read_table(tmp_path / "cell.parquet").num_rows == status["results"]["rows"]
    part = batterysim("result", name, "--variables", "Time [s]", "--every", "50", "--to", "3000").stdout
    assert part == '"Time [s]"\n0\n1800\n'

    assert "Voltage [V] against Time [s]" in batterysim("plot", name).stdout
    assert batterysim("plot", name, name, "-o", tmp_path / "cell.png").returncode == 0
    assert (tmp_path / "cell.png").read_bytes().startswith(b"\x89PNG")

    assert batterysim("cancel", name).returncode == ExitStatus.CONFLICT
    assert batterysim("delete", name).stdout == f"{name} deleted\n"
    until(lambda: not kube.exists(name))
    gone = batterysim("result", name)
    assert gone.returncode == ExitStatus.NOT_FOUND
    assert "Traceback" not in gone.stderr


def test_submit_and_wait_ends_as_the_run_does(batterysim: Command, kube: Kube, name: str) -> None:
    past_the_cut_off = "spec.cell.upperCutoffVolts=4.0"

    ended = batterysim("submit", EXAMPLE, "--name", name, "--set", past_the_cut_off, "--wait")

    assert ended.returncode == ExitCode.INFEASIBLE, ended.stderr
    assert "Failed Infeasible:" in ended.stderr
    assert batterysim("watch", name).returncode == ExitCode.INFEASIBLE
    kube.delete(name)


def test_the_same_file_twice_is_one_simulation(batterysim: Command, kube: Kube, name: str) -> None:
    first = batterysim("submit", EXAMPLE, "--name", name, "-o", "json")
    second = batterysim("submit", EXAMPLE, "--name", name, "-o", "json")
    other = batterysim("submit", EXAMPLE, "--name", name, "--set", "spec.model.family=SPM")

    uids = [json.loads(ended.stdout)["metadata"]["uid"] for ended in (first, second)]
    assert uids[0] == uids[1]
    assert other.returncode == ExitStatus.CONFLICT
    kube.delete(name)


@pytest.mark.parametrize("way", ["by kubeconfig", "by URL and token"])
def test_a_viewer_reads_and_is_refused_to_submit(
    way: str, kube: Kube, results: Results, finished: str, tmp_path: Path
) -> None:
    if way == "by kubeconfig":
        options = ["--kubeconfig", str(kubeconfig_of(kube, VIEWER, tmp_path / "kubeconfig"))]
    else:
        (tmp_path / "token").write_text(token_of(kube, VIEWER), encoding="utf-8")
        options = ["--server", results.url, "--token-file", str(tmp_path / "token"), "-n", kube.namespace]

    assert call("batterysim", "result", finished, *options).stdout.startswith('"Time [s]"')
    refused = call("batterysim", "submit", EXAMPLE, "--name", f"{finished}-2", *options)

    assert refused.returncode == ExitStatus.NO_ACCESS
    assert refused.stdout == ""
    assert len(refused.stderr.splitlines()) <= 2
    assert VIEWER in refused.stderr
    assert "create" in refused.stderr


def test_logs(kube: Kube, finished: str) -> None:
    ended = call("batterysim", "logs", finished, "-n", kube.namespace)

    assert "LowerCutOff at 3555.5 s" in ended.stdout, ended.stderr


def test_ctrl_c_leaves_the_simulation_running(kube: Kube, name: str) -> None:
    steps = ["Discharge at 1C until 3 V", "Charge at 1C until 4 V"]
    many_cycles = {"experiment": {"steps": steps, "cycles": 200}}
    options = ["--set", f"spec.protocol={json.dumps(many_cycles)}"]
    submit = ["batterysim", "submit", str(EXAMPLE), "--name", name, *options, "-n", kube.namespace, "--wait"]
    # As from a terminal: tests that a shell runs in the background have SIGINT ignored, and hand that down.
    command = ["env", "--default-signal=INT", *submit]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith(f"{name} submitted (context ")
        assert process.stderr.readline().startswith(f"{name}: ")
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()

    assert process.returncode == ExitStatus.INTERRUPTED
    assert f"continue; to cancel them: batterysim cancel {name}\n" in said
    assert kube.exists(name)
    assert call("batterysim", "cancel", name, "-n", kube.namespace).stdout == f"{name} cancelled\n"
    until(lambda: not kube.exists(name))


def test_kubectl_finds_the_plugin_and_completes_names(kube: Kube, finished: str) -> None:
    assert str(COMMANDS / "kubectl-batterysim") in call("kubectl", "plugin", "list").stdout
    words = ("batterysim", "get", "-n", kube.namespace, finished[:-2])

    assert call("kubectl", "__complete", *words).stdout.splitlines()[:1] == [finished]
    assert call("kubectl", "__complete", "batterysim", "res").stdout.splitlines()[:1] == ["result"]


def test_bash_completes_names(kube: Kube, finished: str) -> None:
    words = f"batterysim result -n {kube.namespace} {finished[:-2]}"
    answer = call("batterysim", _BATTERYSIM_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD="4")

    assert answer.stdout.split() == [finished]
