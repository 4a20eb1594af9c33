"""The way to the bridge: the result goes there until it is stored, progress when it can."""

import base64
import contextlib
import hashlib
import time
from http import HTTPStatus
from queue import SimpleQueue
from threading import Thread

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from batterysim.failure import shorten
from batterysim.names import progress_path, result_path
from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim.status import Progress
from batterysim_runner.errors import ResultRefusedError, UploadFailedError
from batterysim_runner.inputs import Inputs

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 120
# Each report is a change of the object that everybody who watches is told of.
REPORT_PAUSE_SECONDS = 1
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


class BridgeClient:
    """Talks to the bridge as this pod."""

    def __init__(self, inputs: Inputs, retries: Retry = UPLOAD_RETRIES) -> None:
        self._inputs = inputs
        self._session = requests.Session()
        self._session.trust_env = False  # the bridge is in the cluster: no proxy, no netrc
        self._session.mount("http://", HTTPAdapter(max_retries=retries))
        self._session.mount("https://", HTTPAdapter(max_retries=retries))
        self._reports: SimpleQueue[Progress] = SimpleQueue()
        Thread(target=self._send_reports, daemon=True, name="progress").start()

    def report(self, progress: Progress) -> None:
        """Tell the bridge how far the run is, in the background. A lost report loses nothing."""
        self._reports.put(progress)

    def upload(self, content: bytes) -> None:
        """Bring the result to the bridge, which answers when it is safely stored.

        Raises:
            ResultRefusedError: the bridge will never take it.
            UploadFailedError: the bridge was out of reach, or out of order, for all retries.
        """
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        try:
            response = self._put(
                result_path(self._inputs.namespace, self._inputs.name),
                content,
                {"Content-Type": PARQUET_MEDIA_TYPE, "Content-Digest": f"sha-256=:{digest}:"},
            )
        except requests.RequestException as error:
            raise UploadFailedError(
                f"the bridge at {self._inputs.bridge_url} could not be reached: {_root_cause(error)}"
            ) from error
        if response.status_code == HTTPStatus.OK:
            return
        if _may_be_sent_again(response):
            raise UploadFailedError(f"the bridge answered {response.status_code}: {shorten(response.text)}")
        raise ResultRefusedError(
            f"the bridge refused the result ({response.status_code}): {shorten(response.text)}"
        )

    def _put(self, path: str, content: bytes, headers: dict[str, str]) -> requests.Response:
        return self._session.put(
            self._inputs.bridge_url.rstrip("/") + path,
            data=content,
            headers={**headers, "Authorization": f"Bearer {self._inputs.read_token()}"},
            timeout=(CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS),
            allow_redirects=False,
        )

    def _send_reports(self) -> None:
        while True:
            progress = self._reports.get()
            while not self._reports.empty():
                progress = self._reports.get()  # the newest is enough
            # Progress is a courtesy: the run goes on without it.
            with contextlib.suppress(requests.RequestException, OSError):
                self._put(
                    progress_path(self._inputs.namespace, self._inputs.name),
                    progress.model_dump_json(by_alias=True).encode(),
                    {"Content-Type": "application/json"},
                )
            time.sleep(REPORT_PAUSE_SECONDS)


def _may_be_sent_again(response: requests.Response) -> bool:
    """Tell whether another try may succeed; the bridge's problem documents say so themselves."""
    try:
        return bool(response.json()["retryable"])
    except (ValueError, LookupError, TypeError):
        return response.status_code >= 500 or response.status_code in (408, 429)


def _root_cause(error: BaseException) -> str:
    """Return the innermost reason, such as "Connection refused", without the library's wrapping."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return str(error) or type(error).__name__
