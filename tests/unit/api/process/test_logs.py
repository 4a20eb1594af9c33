"""Each log record is one line of JSON, which says what simulation it is about."""

import json
import logging
import sys
from typing import Any

from batterysim.process.logs import JsonFormatter, about


def formatted(
    message: str, *, extra: dict[str, object] | None = None, error: Exception | None = None
) -> dict[str, Any]:
    """Return a record as what reads the log sees it."""
    information = None
    if error is not None:
        try:
            raise error
        except Exception:
            information = sys.exc_info()
    logger = logging.getLogger("ours")
    record = logger.makeRecord("ours", logging.WARNING, "file", 1, message, (), information, extra=extra)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    line: dict[str, Any] = json.loads(text)
    return line


def test_a_record_about_a_simulation_names_it_in_a_field() -> None:
    line = formatted("created Job bsim-1", extra=about("lab", "cell"))

    assert line["object"] == {"namespace": "lab", "name": "cell"}
    assert line["message"] == "created Job bsim-1"
    assert (line["severity"], line["logger"]) == ("warning", "ours")


def test_a_record_about_nothing_in_particular() -> None:
    assert "object" not in formatted("the round was cut short")


def test_an_exception_stays_on_its_line() -> None:
    assert "ValueError: bad" in formatted("failed", error=ValueError("bad"))["exception"]
