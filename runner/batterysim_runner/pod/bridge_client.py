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
from batterysim.names import CHECKPOINT_MEDIA_TYPE, checkpoint_path, progress_path, result_path
from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim.status import Progress
from batterysim_runner.errors import CheckpointRefusedError, ResultRefusedError, UploadFailedError
from batterysim_runner.pod.inputs import Inputs
from batterysim_runner.pod.reporter import Reporter

BridgePath = Callable[[str, str], str]
"""A path on the bridge, made from a namespace and a name."""

TIMEOUT = Timeout(connect=5, read=120)
# A report is small and soon out of date.
REPORT_TIMEOUT_SECONDS = 5
# Waits 0.2, 0.4 .. 5, 5 s: about five minutes, longer than a bridge takes to move to another node.
# The bridge's Retry-After is left aside, because a runner that waits keeps a node busy.
UPLOAD_RETRIES = Retry(
    total=60,
    backoff_factor=0.1,
    backoff_max=5,
    backoff_jitter=0.1,
    status_forcelist=(408, 429, 500, 502, 503, 504, 507),
    allowed_methods={"PUT"},
    raise_on_status=False,
    respect_retry_after_header=False,
)
# Once at the start of a long run, which may have hours to win and has seconds to lose.
LOAD_RETRIES = Retry(
    total=6,
    backoff_factor=0.2,
    status_forcelist=UPLOAD_RETRIES.status_forcelist,
    raise_on_status=False,
    respect_retry_after_header=False,
)
ONCE = Retry(total=0, raise_on_status=False)
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class BridgeClient:
    """Talks to the bridge as this pod."""

    def __init__(
        self, inputs: Inputs, retries: Retry = UPLOAD_RETRIES, load_retries: Retry = LOAD_RETRIES
    ) -> None:
        self._inputs = inputs
        self._pool = PoolManager()
        self._retries = retries
        self._load_retries = load_retries
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

        Raises:
            ResultRefusedError: the bridge will never take it.
            UploadFailedError: the bridge was out of reach, or out of order, for all retries.
        """
        if self._place_is_told:
            # The bridge says only "100 %, Done" in the end, beside which the last place would stay for good.
            self._reporter.finish(Progress(percent=100, stage="Storing"))
        try:
            response = self._put(result_path, content, PARQUET_MEDIA_TYPE, self._retries)
        except HTTPError as error:
            raise UploadFailedError(self._out_of_reach(error)) from error
        if response.status == HTTPStatus.OK:
            return
        if _may_be_sent_again(response):
            raise UploadFailedError(f"the bridge answered {response.status}: {shorten(_text(response))}")
        raise ResultRefusedError(
            f"the bridge refused the result ({response.status}): {shorten(_text(response))}"
        )

    def save_checkpoint(self, content: bytes) -> None:
        """Leave a checkpoint for the pod that comes after this one. It is tried once.

        Raises:
            CheckpointRefusedError: the bridge will never take it.
            OSError: the bridge was out of reach, or out of order.
        """
        try:
            response = self._put(checkpoint_path, content, CHECKPOINT_MEDIA_TYPE, ONCE)
        except HTTPError as error:
            raise OSError(self._out_of_reach(error)) from error
        if response.status == HTTPStatus.NO_CONTENT:
            return
        text = f"the bridge answered {response.status}: {shorten(_text(response))}"
        raise OSError(text) if _may_be_sent_again(response) else CheckpointRefusedError(text)

    def load_checkpoint(self) -> bytes | None:
        """Return what an earlier pod has left; None if there is nothing.

        Raises:
            OSError: the bridge was out of reach, or out of order.
        """
        try:
            response = self._request("GET", checkpoint_path, self._load_retries)
        except HTTPError as error:
            raise OSError(self._out_of_reach(error)) from error
        if response.status == HTTPStatus.OK:
            return response.data
        if response.status == HTTPStatus.NOT_FOUND:
            return None
        raise OSError(f"the bridge answered {response.status}: {shorten(_text(response))}")

    def _put(self, path: BridgePath, content: bytes, media_type: str, retries: Retry) -> BaseHTTPResponse:
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = {"Content-Type": media_type, "Content-Digest": f"sha-256=:{digest}:"}
        return self._request("PUT", path, retries, content, headers)

    def _send_report(self, progress: Progress) -> None:
        content = progress.model_dump_json(by_alias=True, exclude_none=True).encode()
        # Progress is a courtesy: the run goes on without it.
        with contextlib.suppress(HTTPError, OSError):
            self._request(
                "PUT",
                progress_path,
                ONCE,
                content,
                {"Content-Type": "application/json"},
                Timeout(REPORT_TIMEOUT_SECONDS),
            )

    def _request(
        self,
        method: str,
        path: BridgePath,
        retries: Retry,
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
            retries=retries,
            redirect=False,
        )

    def _out_of_reach(self, error: HTTPError) -> str:
        return f"the bridge at {self._inputs.bridge_url} could not be reached: {_root_cause(error)}"


def _text(response: BaseHTTPResponse) -> str:
    return response.data.decode("utf-8", "replace")


def _may_be_sent_again(response: BaseHTTPResponse) -> bool:
    """Tell whether another try may succeed; the bridge's problem documents say so themselves."""
    try:
        return bool(response.json()["retryable"])
    except (ValueError, LookupError, TypeError):
        return response.status >= 500 or response.status in (408, 429)


def _root_cause(error: BaseException) -> str:
    """Return the innermost reason, such as "Connection refused", without the library's wrapping."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return str(error) or type(error).__name__
