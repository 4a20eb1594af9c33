"""Structured logs, the same in every component: one JSON object a line, in the shape of kopf's."""

import json
import logging
from datetime import UTC, datetime


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


def configure_logs(level: str) -> None:
    """Send all logs to standard error as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
