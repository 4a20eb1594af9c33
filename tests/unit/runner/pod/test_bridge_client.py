"""The result goes to the bridge until it is stored; progress goes when it can."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from urllib3 import Retry

from batterysim.status import Progress
from batterysim_runner.errors import CheckpointRefusedError, ResultRefusedError, UploadFailedError
from batterysim_runner.pod.bridge_client import UPLOAD_RETRIES, BridgeClient
from batterysim_runner.pod.inputs import Inputs
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


def client_of(url: str, input_dir: Path) -> BridgeClient:
    """Return a client that retries as the runner's does, only sooner and less often."""
    (input_dir / "token").write_text("the-token\n", encoding="utf-8")
    inputs = Inputs(
        namespace="lab",
        name="cell",
        bridge_url=url,
        image="runner:1",
        pod_name="bsim-1-abcde",
        input_dir=input_dir,
        termination_log=input_dir / "termination-log",
    )
    retries: Retry = UPLOAD_RETRIES.new(total=3, backoff_factor=0.001, backoff_jitter=0)
    return BridgeClient(inputs, retries, retries)


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


def test_a_bridge_that_stays_unwell(bridge: BridgeServer, client: BridgeClient) -> None:
    bridge.answers = [503] * 10

    with pytest.raises(UploadFailedError, match="the bridge answered 503: the bridge says so"):
        client.upload(CONTENT)

    assert len(bridge.results) == 4


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 413, 422])
def test_a_bridge_that_refuses_is_not_asked_again(
    bridge: BridgeServer, client: BridgeClient, code: int
) -> None:
    bridge.answers = [code]

    with pytest.raises(ResultRefusedError, match=rf"refused the result \({code}\): the bridge says so"):
        client.upload(CONTENT)

    assert len(bridge.results) == 1


@pytest.mark.parametrize(
    ("code", "retryable", "error"),
    [(409, "true", UploadFailedError), (507, "false", ResultRefusedError)],
)
def test_the_bridges_own_word_on_whether_it_can_be_sent_again_counts(
    bridge: BridgeServer, client: BridgeClient, code: int, retryable: str, error: type[Exception]
) -> None:
    bridge.answers = [code] * 10
    bridge.words = f'{{"title": "problem", "retryable": {retryable}}}'.encode()

    with pytest.raises(error, match=str(code)):
        client.upload(CONTENT)


@pytest.mark.parametrize("code", [302, 307])
def test_a_redirect_is_not_taken_for_stored(bridge: BridgeServer, client: BridgeClient, code: int) -> None:
    bridge.answers = [code]

    with pytest.raises(ResultRefusedError, match=rf"\({code}\)"):
        client.upload(CONTENT)


def test_nobody_at_home(tmp_path: Path) -> None:
    with pytest.raises(UploadFailedError) as caught:
        client_of("http://127.0.0.1:1", tmp_path).upload(CONTENT)

    assert "the bridge at http://127.0.0.1:1 could not be reached: " in str(caught.value)
    assert "Connection refused" in str(caught.value)
    assert "Max retries" not in str(caught.value)


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


def test_a_checkpoint_goes_there_and_comes_back(bridge: BridgeServer, client: BridgeClient) -> None:
    assert client.load_checkpoint() is None

    client.save_checkpoint(CONTENT)

    assert client.load_checkpoint() == CONTENT


@pytest.mark.parametrize(("code", "error"), [(503, OSError), (413, CheckpointRefusedError)])
def test_a_checkpoint_is_tried_once(
    bridge: BridgeServer, client: BridgeClient, code: int, error: type[Exception]
) -> None:
    bridge.checkpoint_answer = code

    with pytest.raises(error, match=f"the bridge answered {code}: the bridge says so"):
        client.save_checkpoint(CONTENT)


def test_a_bridge_that_is_away_keeps_no_checkpoint(tmp_path: Path) -> None:
    client = client_of("http://127.0.0.1:1", tmp_path)

    for attempt in (lambda: client.save_checkpoint(CONTENT), client.load_checkpoint):
        with pytest.raises(
            OSError, match=r"the bridge at http://127.0.0.1:1 could not be reached: .*refused"
        ):
            attempt()


def test_the_runner_tries_for_longer_than_a_bridge_takes_to_restart() -> None:
    # urllib3 waits before each try but the first retry
    waits = [
        min(UPLOAD_RETRIES.backoff_factor * 2**number, UPLOAD_RETRIES.backoff_max)
        for number in range(1, UPLOAD_RETRIES.total)
    ]

    assert 240 < sum(waits) < 300
