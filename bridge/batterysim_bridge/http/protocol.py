"""How requests are read: a head has limits of size and time, and what is refused gets a problem document.

uvicorn reads a head of any length, and waits for one for ever.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from batterysim_bridge.http.problem import (
    BAD_REQUEST,
    HEAD_STALLED,
    HEAD_TOO_LARGE,
    ProblemType,
    problem_response,
)

# More than enough for a token of a cluster with many groups.
MAX_HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 30.0
# A client that is still sending when the connection is closed does not see its answer.
LINGER_SECONDS = 2.0


class HttpProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._have_head()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a request's head."""
        super().on_message_begin()
        self._have_head()
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        """Wait no longer."""
        self._have_head()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head has grown too long."""
        if self._is_refused:
            return
        super().data_received(data)
        self._head_bytes += len(data)
        if self._head_timer is not None and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(HEAD_TOO_LARGE, f"more than {MAX_HEAD_BYTES} bytes of request line and headers")

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP."""
        self._refuse(BAD_REQUEST, msg)

    def _wait_for_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(
            HEAD_SECONDS, self._refuse, HEAD_STALLED, f"the headers were not there after {HEAD_SECONDS:g} s"
        )

    def _have_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, kind: ProblemType, detail: str) -> None:
        if self._is_refused or self.transport.is_closing():
            return
        self._is_refused = True
        self._have_head()
        answer = problem_response(kind, detail, {"Connection": "close"})
        headers = b"".join(name + b": " + value + b"\r\n" for name, value in answer.raw_headers)
        self.transport.write(STATUS_LINE[kind.status] + headers + b"\r\n" + bytes(answer.body))
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)
