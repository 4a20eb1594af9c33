"""A pod's connection to the bridge: requests with a fresh token, repeated until they are answered."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType

from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from batterysim.failure import shorten
from batterysim_runner.errors import UploadFailedError, causes
from batterysim_runner.pod.inputs import Caller
from batterysim_runner.pod.patience import Patience, Pause, Verdict, judge

TIMEOUT = Timeout(connect=5, read=120)
ONCE = Retry(total=0, raise_on_status=False)
TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Connection:
    """Sends requests as this pod."""

    def __init__(self, inputs: Caller, pause: Pause = Pause()) -> None:  # noqa: B008 - a tuple of functions
        self._inputs = inputs
        self._pause = pause
        self._pool = PoolManager(ca_cert_data=inputs.bridge_ca)

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()

    def until_answered(self, send: Callable[[], BaseHTTPResponse]) -> tuple[Verdict, BaseHTTPResponse]:
        """Send until it is taken, or never will be.

        Raises:
            UploadFailedError: doubt has lasted for too long.
        """
        patience = Patience(self._pause, self._say)
        while True:
            try:
                response = send()
            except HTTPError as error:
                patience.wait(self.out_of_reach(error))
                continue
            verdict = judge(response)
            if verdict in (Verdict.TAKEN, Verdict.NEVER):
                return verdict, response
            if patience.is_used_up(verdict):
                raise UploadFailedError(answer_of(response))
            patience.wait(answer_of(response))

    def put(
        self, path: str, content: bytes, media_type: str, more: Mapping[str, str] = NO_HEADERS
    ) -> BaseHTTPResponse:
        """Send content with its hash. more: further headers."""
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = {"Content-Type": media_type, "Content-Digest": f"sha-256=:{digest}:", **more}
        return self.request("PUT", path, content, headers)

    def request(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
        timeout: Timeout = TIMEOUT,
    ) -> BaseHTTPResponse:
        """Send a request once."""
        return self._pool.request(
            method,
            self._inputs.bridge_url.rstrip("/") + path,
            body=content,
            headers={**headers, "Authorization": f"Bearer {self._inputs.read_token()}"},
            timeout=timeout,
            retries=ONCE,
            redirect=False,
        )

    def out_of_reach(self, error: HTTPError) -> str:
        """Return what to say about a request without an answer."""
        return f"the bridge at {self._inputs.bridge_url} could not be reached: {root_cause(error)}"

    def _say(self, text: str) -> None:
        print(f"{self._inputs.namespace}/{self._inputs.name}: {text}", flush=True)


def text_of(response: BaseHTTPResponse) -> str:
    """Return what the bridge says."""
    return response.data.decode("utf-8", "replace")


def answer_of(response: BaseHTTPResponse) -> str:
    """Return what the bridge answered, for a person."""
    return f"the bridge answered {response.status}: {shorten(text_of(response))}"


def root_cause(error: BaseException) -> str:
    """Return the innermost reason, such as "Connection refused", without the library's wrapping."""
    *_, innermost = causes(error)
    return str(innermost) or type(innermost).__name__
