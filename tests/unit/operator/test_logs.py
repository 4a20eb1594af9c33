"""Each log record is one line of JSON, which says what simulation it is about."""

import json
import logging
import sys
from typing import Any

from batterysim_operator.logs import JsonFormatter
from batterysim_operator.workqueue import Key


def formatted(message: str, *arguments: object, error: Exception | None = None) -> dict[str, Any]:
    """Return a record as what reads the log sees it."""
    information = None
    if error is not None:
        try:
            raise error
        except Exception:
            information = sys.exc_info()
    record = logging.LogRecord("ours", logging.WARNING, "file", 1, message, arguments, information)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    line: dict[str, Any] = json.loads(text)
    return line


def test_a_record_about_a_simulation_names_it_in_fields() -> None:
    line = formatted("%s: created Job %s", Key("lab", "cell"), "bsim-1")

    assert (line["namespace"], line["name"]) == ("lab", "cell")
    assert line["message"] == "lab/cell: created Job bsim-1"
    assert (line["level"], line["logger"]) == ("warning", "ours")


def test_a_record_about_nothing_in_particular() -> None:
    assert "namespace" not in formatted("the round was cut short: %s", "timeout")
    assert "namespace" not in formatted("no arguments")


def test_an_exception_stays_on_its_line() -> None:
    assert "ValueError: bad" in formatted("failed", error=ValueError("bad"))["exception"]
