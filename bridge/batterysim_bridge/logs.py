"""Structured logs: one JSON object a line."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from batterysim_bridge.cluster import Simulation


class JsonFormatter(logging.Formatter):
    """Formats records in the shape that kopf's JSON logs have."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        line: dict[str, Any] = {
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


def about(simulation: Simulation) -> dict[str, object]:
    """Return a log call's `extra` that says which object the line is about."""
    return {"object": {"namespace": simulation.namespace, "name": simulation.name, "uid": simulation.uid}}


def configure(level: str) -> None:
    """Send everything to standard error as JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
