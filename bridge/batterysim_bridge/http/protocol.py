"""How requests are read: a head has limits of size and time, and a rejected request gets a problem document.

uvicorn reads a head of any length, and waits for one forever. It takes trailers, which nobody wants, for
headers and keeps them all; and a connection stays open for as long as a request goes on after its answer.
"""

import asyncio
from collections import Counter
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
# For what a request still has to say when it has been answered: nobody reads it, but a client that sends all
# before it reads gets its answer.
REST_SECONDS = 30.0
# In addition to its body a request may have this many bytes: its head, and the sizes of its chunks.
MAX_OVERHEAD_BYTES = 2 * MAX_HEAD_BYTES
MAX_OVERHEAD_PER_BODY_BYTE = 16
MAX_REST_BYTES = 64 * 1024 * 1024
# The sizes of its chunks, and whatever else: each costs more than reading a thousand bytes of a body.
MAX_REST_OVERHEAD_BYTES = 16 * 1024
# Of one connection at once. A quarter of a megabyte, asyncio's, has room for 40,000 chunks of one byte, which
# keep everybody else waiting for a tenth of a second.
READ_BYTES = 16 * 1024
# A client that takes less than 64 KB of an answer in this time does not want it.
TAKE_SECONDS = 60.0
# Each has up to some 130 KB of a head and of a body under way.
MAX_CONNECTIONS = 1000
# Requests that wait for the answer to the one before them. Hardly a client sends any, and a quarter of a
# megabyte, which is read at once, has room for 14,000.
MAX_WAITING_REQUESTS = 16


class TooManyRequestsError(Exception):
    """A client does not wait for its answers."""


class HttpProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._is_refused = False
        self._has_headers = False
        self._rest_timer: asyncio.TimerHandle | None = None
        self._take_timer: asyncio.TimerHandle | None = None
        self._rest_bytes = self._rest_body_bytes = 0
        self._body_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        setattr(transport, "max_size", READ_BYTES)  # noqa: B010 - asyncio's attribute, which has no type
        self._wait_for_head()
        if len(self.connections) > MAX_CONNECTIONS:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._have_head()
        self._have_rest()
        self._have_taken()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to wait until the client takes what there is for it."""
        super().pause_writing()
        self._take_timer = self.loop.call_later(TAKE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Wait no longer."""
        self._have_taken()
        super().resume_writing()

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a request's head.

        Raises:
            TooManyRequestsError: too many wait already, so the connection ends here.
        """
        if len(self.pipeline) >= MAX_WAITING_REQUESTS:
            self._end_without_an_answer()
            raise TooManyRequestsError
        super().on_message_begin()
        self._has_headers = False
        self._have_head()
        self._wait_for_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, and no trailer: there is nothing that a request's body could add to its head."""
        if self._has_headers:
            self._refuse(BAD_REQUEST, "headers after the body: leave out trailers")
            return
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Wait no longer."""
        self._has_headers = True
        self._have_head()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count what is no overhead."""
        self._body_bytes += len(body)
        self._rest_body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Take note that the request is whole."""
        self._have_rest()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Begin to wait for the end of a request that has been answered before it was whole."""
        is_whole = not self.cycle.more_body
        super().on_response_complete()
        if not is_whole and not self.transport.is_closing():
            self._rest_bytes = self._rest_body_bytes = 0
            self._rest_timer = self.loop.call_later(REST_SECONDS, self.transport.close)

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head has grown too long."""
        if self._is_refused or self.transport.is_closing():
            return
        super().data_received(data)
        self._head_bytes += len(data)
        self._rest_bytes += len(data)
        overhead = self._head_bytes - self._body_bytes
        if overhead > MAX_OVERHEAD_BYTES + MAX_OVERHEAD_PER_BODY_BYTE * self._body_bytes:
            self._refuse(BAD_REQUEST, "far more bytes around the body than in it: leave out trailers")
        if self._rest_timer is not None:
            self._limit_the_rest()
        if self._head_timer is not None and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(HEAD_TOO_LARGE, f"more than {MAX_HEAD_BYTES} bytes of request line and headers")
        self._wait_for_something()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP."""
        self._refuse(BAD_REQUEST, msg)

    def _wait_for_head(self) -> None:
        self._head_bytes = self._body_bytes = 0
        self._head_timer = self.loop.call_later(
            HEAD_SECONDS, self._refuse, HEAD_STALLED, f"the headers did not arrive within {HEAD_SECONDS:g} s"
        )

    def _wait_for_something(self) -> None:
        """Keep a timer on an idle connection: uvicorn's ends with any byte, such as an empty line's."""
        timers = (self._head_timer, self._rest_timer, self.timeout_keep_alive_task)
        if (
            not self._is_at_work()
            and not any(timers)
            and not self._is_refused
            and not self.transport.is_closing()
        ):
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _limit_the_rest(self) -> None:
        if self._rest_bytes > MAX_REST_BYTES:
            self.transport.close()
        elif self._rest_bytes - self._rest_body_bytes > MAX_REST_OVERHEAD_BYTES:
            self._end_without_an_answer()

    def _make_room(self) -> None:
        """Close a connection of the address that has most of them: an address with few is not kept out.

        Rather one on which nothing is being done.
        """
        connections = [item for item in self.connections if isinstance(item, HttpProtocol)]
        ((address, _),) = Counter(item._address for item in connections).most_common(1)
        theirs = [
            item for item in connections if item._address == address and not item.transport.is_closing()
        ]
        if theirs:
            min(theirs, key=HttpProtocol._is_at_work).transport.abort()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def _is_at_work(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _have_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _have_taken(self) -> None:
        if self._take_timer is not None:
            self._take_timer.cancel()
            self._take_timer = None

    def _have_rest(self) -> None:
        if self._rest_timer is not None:
            self._rest_timer.cancel()
            self._rest_timer = None

    def _refuse(self, kind: ProblemType, detail: str) -> None:
        if self._is_refused or self.transport.is_closing():
            return
        self._is_refused = True
        self._have_head()
        if self.cycle is not None:
            self.cycle.disconnected = True  # whatever it still says comes after the last word
        if self.pipeline or (self._has_headers and self.cycle is not None and self.cycle.response_started):
            self._end_without_an_answer()  # it would be taken for that of another request
            return
        answer = problem_response(kind, detail, {"Connection": "close"})
        headers = b"".join(name + b": " + value + b"\r\n" for name, value in answer.raw_headers)
        self.transport.write(STATUS_LINE[kind.status] + headers + b"\r\n" + bytes(answer.body))
        if self.transport.can_write_eof():  # which TLS cannot
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _end_without_an_answer(self) -> None:
        """Read no more, and close a while later: a client that is cut off at once comes back at once."""
        self._is_refused = True
        self._have_head()
        self._have_rest()
        self.pipeline.clear()
        if self.cycle is not None:
            self.cycle.disconnected = True
        self.flow.pause_reading()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)
