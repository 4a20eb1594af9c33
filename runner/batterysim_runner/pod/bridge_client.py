"""The way to the bridge: the result goes there until it is stored, progress and checkpoints when they can."""

import base64
import contextlib
import hashlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType

from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from batterysim.failure import shorten
from batterysim.names import (
    CHECKPOINT_CYCLE,
    CHECKPOINT_MEDIA_TYPE,
    checkpoint_path,
    progress_path,
    result_path,
)
from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim.status import Progress, Stage
from batterysim_runner.errors import (
    CheckpointRefusedError,
    ResultRefusedError,
    RunEndedError,
    UploadFailedError,
)
from batterysim_runner.pod.inputs import Caller
from batterysim_runner.pod.patience import Patience, Pause, Verdict, judge
from batterysim_runner.pod.reporter import Reporter

BridgePath = Callable[[str, str], str]
"""A path on the bridge, made from a namespace and a name."""

TIMEOUT = Timeout(connect=5, read=120)
# A report is small and soon out of date.
REPORT_TIMEOUT_SECONDS = 5
ONCE = Retry(total=0, raise_on_status=False)
TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class BridgeClient:
    """Talks to the bridge as this pod."""

    def __init__(self, inputs: Caller, pause: Pause = Pause()) -> None:  # noqa: B008 - a tuple of functions
        self._inputs = inputs
        self._pause = pause
        self._pool = PoolManager(ca_cert_data=inputs.bridge_ca)
        self._reporter = Reporter(self._send_report)
        self._place_is_told = False

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()

    def report(self, progress: Progress) -> None:
        """Tell the bridge how far the run is, in the background. A lost report loses nothing."""
        self._place_is_told |= progress.simulated_seconds is not None
        self._reporter.report(progress)

    def upload(self, content: bytes) -> None:
        """Bring the result to the bridge, which answers when it is safely stored.

        It is offered until it is taken, with a fresh token each time; what ends that is the run's deadline.

        Raises:
            ResultRefusedError: the bridge will never take it.
            UploadFailedError: the bridge does not take this pod for the runner, and has not for minutes.
        """
        if self._place_is_told:
            # The bridge says only "100 %, Done" in the end, beside which the last place would stay for good.
            self._reporter.finish(Progress(percent=100, stage=Stage.STORING))
        verdict, response = self._until_answered(lambda: self._put(result_path, content, PARQUET_MEDIA_TYPE))
        if verdict is Verdict.NEVER:
            raise ResultRefusedError(
                f"the bridge rejected the result ({response.status}): {shorten(_text(response))}"
            )

    def save_checkpoint(self, content: bytes, cycle: int) -> None:
        """Leave a checkpoint for the pod that comes after this one. It is tried once.

        cycle: after which it was made.

        Raises:
            CheckpointRefusedError: the bridge will never take it, because it is too large.
            RunEndedError: the run has ended without this process.
            OSError: the bridge was out of reach, or out of order, or took us for another, or keeps one of a
                later cycle.
        """
        headers = {CHECKPOINT_CYCLE: str(cycle)}
        response = self._once(lambda: self._put(checkpoint_path, content, CHECKPOINT_MEDIA_TYPE, headers))
        if judge(response) is Verdict.TAKEN:
            return
        text = _answer(response)
        if response.status == HTTPStatus.CONFLICT:
            raise RunEndedError(text)
        raise CheckpointRefusedError(text) if response.status == TOO_LARGE else OSError(text)

    def discard_checkpoint(self) -> None:
        """Have the bridge forget the checkpoint that this pod cannot use. It is tried once.

        Raises:
            OSError: as `save_checkpoint`.
        """
        response = self._once(lambda: self._request("DELETE", checkpoint_path))
        # An earlier version of the bridge does not know this, and keeps whichever checkpoint comes last.
        if judge(response) is not Verdict.TAKEN and response.status != HTTPStatus.METHOD_NOT_ALLOWED:
            raise OSError(_answer(response))

    def _once(self, send: Callable[[], BaseHTTPResponse]) -> BaseHTTPResponse:
        try:
            return send()
        except HTTPError as error:
            raise OSError(self._out_of_reach(error)) from error

    def load_checkpoint(self) -> bytes | None:
        """Return what an earlier pod has left; None if there is nothing.

        A bridge that is away is waited for: what it has may be worth hours, and without it nothing can be
        stored either.

        Raises:
            UploadFailedError: the bridge does not take this pod for the runner, and has not for minutes.
        """
        verdict, response = self._until_answered(lambda: self._request("GET", checkpoint_path))
        if verdict is Verdict.TAKEN:
            return response.data
        if response.status == HTTPStatus.NOT_FOUND:
            return None
        raise UploadFailedError(_answer(response))

    def _until_answered(self, send: Callable[[], BaseHTTPResponse]) -> tuple[Verdict, BaseHTTPResponse]:
        """Send until it is taken, or never will be.

        Raises:
            UploadFailedError: doubt has lasted for too long.
        """
        patience = Patience(self._pause, self._say)
        while True:
            try:
                response = send()
            except HTTPError as error:
                patience.wait(self._out_of_reach(error))
                continue
            verdict = judge(response)
            if verdict in (Verdict.TAKEN, Verdict.NEVER):
                return verdict, response
            if patience.is_used_up(verdict):
                raise UploadFailedError(_answer(response))
            patience.wait(_answer(response))

    def _say(self, text: str) -> None:
        print(f"{self._inputs.namespace}/{self._inputs.name}: {text}", flush=True)

    def _put(
        self, path: BridgePath, content: bytes, media_type: str, more: Mapping[str, str] = NO_HEADERS
    ) -> BaseHTTPResponse:
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = {"Content-Type": media_type, "Content-Digest": f"sha-256=:{digest}:", **more}
        return self._request("PUT", path, content, headers)

    def _send_report(self, progress: Progress) -> None:
        content = progress.model_dump_json(by_alias=True, exclude_none=True).encode()
        # Progress is a courtesy: the run goes on without it.
        with contextlib.suppress(HTTPError, OSError):
            self._request(
                "PUT",
                progress_path,
                content,
                {"Content-Type": "application/json"},
                Timeout(REPORT_TIMEOUT_SECONDS),
            )

    def _request(
        self,
        method: str,
        path: BridgePath,
        content: bytes | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
        timeout: Timeout = TIMEOUT,
    ) -> BaseHTTPResponse:
        return self._pool.request(
            method,
            self._inputs.bridge_url.rstrip("/") + path(self._inputs.namespace, self._inputs.name),
            body=content,
            headers={**headers, "Authorization": f"Bearer {self._inputs.read_token()}"},
            timeout=timeout,
            retries=ONCE,
            redirect=False,
        )

    def _out_of_reach(self, error: HTTPError) -> str:
        return f"the bridge at {self._inputs.bridge_url} could not be reached: {root_cause(error)}"


def _text(response: BaseHTTPResponse) -> str:
    return response.data.decode("utf-8", "replace")


def _answer(response: BaseHTTPResponse) -> str:
    return f"the bridge answered {response.status}: {shorten(_text(response))}"


def root_cause(error: BaseException) -> str:
    """Return the innermost reason, such as "Connection refused", without the library's wrapping."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return str(error) or type(error).__name__
