"""The messages of a child to its watcher: one JSON object a line, over a pipe."""

import contextlib
import json
import os
from collections.abc import Mapping
from typing import Any

MAX_LINE_BYTES = 4096
"""A pipe takes so much in one piece (PIPE_BUF), so that lines of several writers never mix."""


class Sender:
    """The child's end of the pipe. Nobody has to listen: a lost message loses nothing but news."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def send(self, **message: object) -> None:
        """Send a message."""
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        if len(line) > MAX_LINE_BYTES:
            raise ValueError(f"a message of {len(line)} bytes is longer than {MAX_LINE_BYTES}")
        with contextlib.suppress(BrokenPipeError):
            os.write(self._descriptor, line)


class Receiver:
    """Puts the bytes of the pipe together to messages."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Mapping[str, Any]]:
        """Return the messages that these bytes complete. A line that is no message is left out."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-MAX_LINE_BYTES:]
        return [message for line in lines if (message := _parse(line)) is not None]


def _parse(line: bytes) -> Mapping[str, Any] | None:
    try:
        message = json.loads(line)
    except ValueError:  # of a process that was killed while it wrote
        return None
    return message if isinstance(message, dict) else None
