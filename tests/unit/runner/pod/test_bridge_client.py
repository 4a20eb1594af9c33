"""The result goes to the bridge until it is stored; progress goes when it can."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batterysim.problem import InvalidSpecError
from batterysim.status import Progress
from batterysim_runner.errors import (
    CheckpointRefusedError,
    ResultRefusedError,
    RunEndedError,
    UploadFailedError,
)
from batterysim_runner.pod.bridge_client import BridgeClient
from batterysim_runner.pod.inputs import Inputs
from batterysim_runner.pod.patience import Pause
from tests.certificates import make_authority, make_certificate
from tests.unit.runner.bridge_server import BridgeServer, bridge_server

CONTENT = b"PAR1" + bytes(range(256)) * 1000 + b"PAR1"


@pytest.fixture
def bridge() -> Iterator[BridgeServer]:
    with bridge_server() as bridge:
        yield bridge


@pytest.fixture
def client(bridge: BridgeServer, tmp_path: Path) -> Iterator[BridgeClient]:
    client = client_of(bridge.url, tmp_path)
    yield client
    client.close()


class DeadlineError(Exception):
    """The pod is ended here."""


class Deadline:
    """Time that passes only while somebody sleeps, until the run's deadline.

    meanwhile: happens in each sleep; it is given the seconds that have passed in all.
    """

    def __init__(self, seconds: float = 3600, meanwhile: Callable[[float], object] = abs) -> None:
        self.left = seconds
        self.meanwhile = meanwhile
        self.slept: list[float] = []

    @property
    def pause(self) -> Pause:
        return Pause(self._sleep, lambda: sum(self.slept), lambda: 0.5)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if sum(self.slept) > self.left:
            raise DeadlineError
        self.meanwhile(sum(self.slept))


def client_of(
    url: str, input_dir: Path, pause: Deadline | None = None, bridge_ca: str | None = None
) -> BridgeClient:
    """Return a client that is as patient as the runner's, by a clock of its own."""
    (input_dir / "token").write_text("the-token\n", encoding="utf-8")
    inputs = Inputs(
        namespace="lab",
        name="cell",
        bridge_url=url,
        image="runner:1",
        pod_name="bsim-1-abcde",
        input_dir=input_dir,
        termination_log=input_dir / "termination-log",
        bridge_ca=bridge_ca,
    )
    return BridgeClient(inputs, (pause or Deadline()).pause)


def test_the_bridge_is_trusted_by_the_authority_that_the_operator_names(tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    trusted = authority.certificate.read_text("ascii")
    with bridge_server(make_certificate(tmp_path, authority, "IP:127.0.0.1")) as bridge:
        client_of(bridge.url, tmp_path, bridge_ca=trusted).upload(CONTENT)
        assert [put.body for put in bridge.results] == [CONTENT]

        stranger = make_authority(tmp_path).certificate.read_text("ascii")
        for not_its_own in (None, stranger):
            with pytest.raises(DeadlineError):
                client_of(bridge.url, tmp_path, Deadline(5), not_its_own).upload(CONTENT)
    assert len(bridge.results) == 1


def test_a_result_arrives_whole_with_its_digest(bridge: BridgeServer, client: BridgeClient) -> None:
    client.upload(CONTENT)

    (put,) = bridge.results
    assert put.path == "/v1/simulations/lab/cell/result"
    assert put.body == CONTENT
    assert put.headers["Authorization"] == "Bearer the-token"
    assert put.headers["Content-Type"] == "application/vnd.apache.parquet"
    digest = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    assert put.headers["Content-Digest"] == f"sha-256=:{digest}:"  # RFC 9530


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_a_bridge_that_is_not_well_gets_it_again(
    bridge: BridgeServer, client: BridgeClient, code: int
) -> None:
    bridge.answers = [code, code]

    client.upload(CONTENT)

    assert [put.body for put in bridge.results] == [CONTENT] * 3


def test_the_result_is_offered_until_the_deadline(bridge: BridgeServer, tmp_path: Path) -> None:
    bridge.answers = [503] * 10_000
    deadline = Deadline(seconds=2 * 3600)

    with pytest.raises(DeadlineError):
        client_of(bridge.url, tmp_path, deadline).upload(CONTENT[:10])

    assert deadline.slept[:6] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0]
    assert max(deadline.slept) == 5.0


def test_a_proxy_of_the_environment_is_not_asked(
    bridge: BridgeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clusters put these variables into every pod, and the bridge is in the cluster."""
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
        monkeypatch.setenv(variable.lower(), "http://127.0.0.1:1")
    client = client_of(bridge.url, tmp_path)

    client.upload(CONTENT)

    client.close()
    assert len(bridge.results) == 1


def test_each_try_has_the_token_of_its_time(bridge: BridgeServer, tmp_path: Path) -> None:
    """The kubelet renews it; with that of the first try, a finished result was once thrown away."""
    bridge.answers = [503, 401, 401]
    deadline = Deadline()

    def renew(_: float) -> None:
        (tmp_path / "token").write_text(f"token {len(deadline.slept)}", encoding="utf-8")

    deadline.meanwhile = renew
    client_of(bridge.url, tmp_path, deadline).upload(CONTENT)

    tokens = [put.headers["Authorization"] for put in bridge.results]
    assert tokens == ["Bearer the-token", "Bearer token 1", "Bearer token 2", "Bearer token 3"]


def test_each_result_waits_for_a_bridge_that_is_away_for_a_quarter_of_an_hour(
    bridge: BridgeServer, tmp_path: Path
) -> None:
    """Two tokens run out meanwhile, and a bridge that is back takes only the newest one."""

    def pass_time(seconds_away: float) -> None:
        (tmp_path / "token").write_text(f"token {seconds_away // 300:.0f}", encoding="utf-8")
        bridge.answers = [503] if seconds_away < 900 else []

    for number in range(20):
        deadline = Deadline(meanwhile=pass_time)
        client = client_of(bridge.url, tmp_path, deadline)
        bridge.answers = [503]
        client.upload(b"result %d" % number)

        assert 900 <= sum(deadline.slept) < 910
        assert bridge.results[-1].body == b"result %d" % number
        assert bridge.results[-1].headers["Authorization"] == "Bearer token 3"
        client.close()


@pytest.mark.parametrize("code", [401, 403])
def test_who_is_not_taken_for_the_runner_for_minutes_leaves_it_to_another_pod(
    bridge: BridgeServer, tmp_path: Path, code: int
) -> None:
    bridge.answers = [code] * 10_000
    deadline = Deadline()

    with pytest.raises(UploadFailedError, match=f"the bridge answered {code}"):
        client_of(bridge.url, tmp_path, deadline).upload(CONTENT[:10])

    assert 600 <= sum(deadline.slept) < 620


@pytest.mark.parametrize("code", [400, 404, 409, 413, 422])
def test_a_bridge_that_refuses_is_not_asked_again(
    bridge: BridgeServer, client: BridgeClient, code: int
) -> None:
    bridge.answers = [code]

    with pytest.raises(ResultRefusedError, match=rf"rejected the result \({code}\): the bridge says so"):
        client.upload(CONTENT)

    assert len(bridge.results) == 1


@pytest.mark.parametrize(
    ("code", "retryable", "error"),
    [(409, "true", DeadlineError), (507, "false", ResultRefusedError)],
)
def test_the_bridges_own_word_on_whether_it_can_be_sent_again_counts(
    bridge: BridgeServer, tmp_path: Path, code: int, retryable: str, error: type[Exception]
) -> None:
    bridge.answers = [code] * 100
    bridge.words = f'{{"title": "problem", "retryable": {retryable}}}'.encode()

    with pytest.raises(error):
        client_of(bridge.url, tmp_path, Deadline(seconds=10)).upload(CONTENT)


@pytest.mark.parametrize("code", [302, 307])
def test_a_redirect_is_not_taken_for_stored(bridge: BridgeServer, client: BridgeClient, code: int) -> None:
    bridge.answers = [code]

    with pytest.raises(ResultRefusedError, match=rf"\({code}\)"):
        client.upload(CONTENT)


def test_nobody_at_home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DeadlineError):
        client_of("http://127.0.0.1:1", tmp_path, Deadline(seconds=150)).upload(CONTENT)

    said = capsys.readouterr().out.splitlines()
    assert len(said) == 3  # once a minute
    assert said[0].startswith(
        "lab/cell: tries again: the bridge at http://127.0.0.1:1 could not be reached: "
    )
    assert "Connection refused" in said[0]
    assert "Max retries" not in said[0]


def test_progress_arrives_in_the_background(bridge: BridgeServer, client: BridgeClient) -> None:
    client.report(Progress(percent=0, stage="Solving"))

    assert bridge.progress_came.wait(timeout=5)
    (put,) = bridge.progress
    assert put.path == "/v1/simulations/lab/cell/progress"
    assert put.body == b'{"percent":0,"stage":"Solving"}'
    assert put.headers["Authorization"] == "Bearer the-token"


def test_the_place_of_a_long_run_is_taken_back_before_the_bridge_says_done(
    bridge: BridgeServer, client: BridgeClient
) -> None:
    client.report(Progress(percent=50, stage="Solving", simulated_seconds=60, cycle=1, cycles=2))

    client.upload(CONTENT)

    assert bridge.progress[-1].body == b'{"percent":100,"stage":"Storing"}'
    assert len(bridge.results) == 1


def test_a_short_run_says_no_more_than_it_must(bridge: BridgeServer, client: BridgeClient) -> None:
    client.upload(CONTENT)

    assert bridge.progress == []


def test_progress_that_gets_lost_stops_nothing(tmp_path: Path) -> None:
    client_of("http://127.0.0.1:1", tmp_path).report(Progress(percent=0, stage="Solving"))


def test_the_earlier_state_comes_from_the_path_of_ones_own_simulation(
    bridge: BridgeServer, client: BridgeClient
) -> None:
    bridge.initial_state = (200, b'{"format":1}')

    assert client.load_initial_state() == b'{"format":1}'


def test_that_there_is_no_earlier_state_is_told_in_the_bridges_words(
    bridge: BridgeServer, client: BridgeClient
) -> None:
    detail = "the result of 'first' was removed by retention"
    bridge.initial_state = (410, json.dumps({"detail": detail, "retryable": False}).encode())

    with pytest.raises(InvalidSpecError, match=rf"^spec\.cell\.initialState\.fromResult: {detail}$"):
        client.load_initial_state()


def test_a_checkpoint_goes_there_and_comes_back(bridge: BridgeServer, client: BridgeClient) -> None:
    assert client.load_checkpoint() is None

    client.save_checkpoint(CONTENT, 7)

    assert client.load_checkpoint() == CONTENT
    (put,) = bridge.checkpoints
    assert put.headers["Batterysim-Cycle"] == "7"


def test_a_checkpoint_that_cannot_be_used_is_forgotten(bridge: BridgeServer, client: BridgeClient) -> None:
    bridge.checkpoint = b"of another version"

    client.discard_checkpoint()

    assert client.load_checkpoint() is None


def test_a_bridge_that_forgets_no_checkpoints_keeps_the_next_one_anyway(
    bridge: BridgeServer, client: BridgeClient
) -> None:
    bridge.checkpoint_answer = 405

    client.discard_checkpoint()


@pytest.mark.parametrize("code", [401, 503])
def test_a_checkpoint_that_is_not_forgotten_now_may_be_later(
    bridge: BridgeServer, client: BridgeClient, code: int
) -> None:
    bridge.checkpoint_answer = code

    with pytest.raises(OSError, match=f"the bridge answered {code}"):
        client.discard_checkpoint()


@pytest.mark.parametrize(("code", "error"), [(503, OSError), (413, CheckpointRefusedError)])
def test_a_checkpoint_is_tried_once(
    bridge: BridgeServer, client: BridgeClient, code: int, error: type[Exception]
) -> None:
    bridge.checkpoint_answer = code

    with pytest.raises(error, match=f"the bridge answered {code}: the bridge says so"):
        client.save_checkpoint(CONTENT, 7)


@pytest.mark.parametrize("code", [401, 403, 404, 412])
def test_a_checkpoint_that_is_refused_now_may_be_taken_later(
    bridge: BridgeServer, client: BridgeClient, code: int
) -> None:
    bridge.checkpoint_answer = code

    with pytest.raises(OSError, match=f"the bridge answered {code}"):
        client.save_checkpoint(CONTENT, 7)


def test_a_run_that_has_ended_elsewhere_is_told_so(bridge: BridgeServer, client: BridgeClient) -> None:
    bridge.checkpoint_answer = 409

    with pytest.raises(RunEndedError):
        client.save_checkpoint(CONTENT, 7)


def test_a_bridge_that_is_away_keeps_no_checkpoint_and_is_waited_for_at_the_start(tmp_path: Path) -> None:
    client = client_of("http://127.0.0.1:1", tmp_path)

    with pytest.raises(OSError, match=r"the bridge at http://127.0.0.1:1 could not be reached: .*refused"):
        client.save_checkpoint(CONTENT, 7)
    with pytest.raises(DeadlineError):
        client.load_checkpoint()
