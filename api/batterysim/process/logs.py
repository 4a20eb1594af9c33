"""Structured logs, the same in every component: one JSON object a line, in the shape of kopf's."""

import atexit
import json
import logging
import os
import queue
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener

LINES_WAITING = 10_000
LAST_SECONDS = 1.0
STANDARD_ERROR = 2


def about(namespace: str, name: str, uid: str | None = None) -> dict[str, object]:
    """Return a log call's `extra` that says which simulation the line is about."""
    subject = {"namespace": namespace, "name": name}
    return {"object": subject if uid is None else {**subject, "uid": uid}}


class JsonFormatter(logging.Formatter):
    """Formats a record as JSON, with the simulation that it is about as a field of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line: dict[str, object] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "severity": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (subject := getattr(record, "object", None)) is not None:
            line["object"] = subject
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Sparing(logging.Filter):
    """Leaves out what one logger says more than some times a second, and says how much that was.

    For lines that anyone can cause: a thousand a second would fill the disk of the log's keeper.
    """

    def __init__(self, lines_per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._most, self._clock = lines_per_second, clock
        self._ends, self._lines, self._left_out = 0.0, 0, 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is to be kept."""
        if self._clock() >= self._ends:
            if self._left_out:
                record.msg = f"{record.getMessage()} ({self._left_out} lines like this were left out)"
                record.args = ()
            self._ends, self._lines, self._left_out = self._clock() + 1, 0, 0
        self._lines += 1
        if self._lines > self._most:
            self._left_out += 1
            return False
        return True


class _Waiting(QueueHandler):
    """Has records written by a thread: a log that nobody reads would stop an event loop otherwise."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Format a record here, where all that it refers to is as it was."""
        return logging.makeLogRecord({"msg": self.format(record)})

    def enqueue(self, record: logging.LogRecord) -> None:
        """Keep a record, unless very many wait."""
        with suppress(queue.Full):
            self.queue.put_nowait(record)


class _Writer(logging.NullHandler):
    """Writes to standard error without a lock, which a process that ends would wait for."""

    def handle(self, record: logging.LogRecord) -> bool:
        """Write a record."""
        text = f"{record.msg}\n".encode(errors="backslashreplace")
        while text:
            text = text[os.write(STANDARD_ERROR, text) :]
        return True


def configure_logs(level: str) -> None:
    """Send all logs to standard error as JSON lines. Nothing waits for them to be written."""
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(LINES_WAITING)
    handler = _Waiting(waiting)
    handler.setFormatter(JsonFormatter())
    QueueListener(waiting, _Writer()).start()
    atexit.register(_wait_for, waiting)
    logging.basicConfig(level=level, handlers=[handler], force=True)


def _wait_for(waiting: queue.Queue[logging.LogRecord]) -> None:
    """Wait until everything is written, or until it is clear that nobody takes it."""
    deadline = time.monotonic() + LAST_SECONDS
    while not waiting.empty() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.01)  # the last one has left the queue a moment before it is written
