"""Each log record is one line of JSON, which says what simulation it is about."""

import json
import logging
import os
import subprocess
import sys
from typing import Any

from batterysim.process.logs import JsonFormatter, Sparing, about


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


def test_of_many_lines_a_second_some_are_kept_and_the_others_counted() -> None:
    now = 0.0
    sparing = Sparing(3, lambda: now)
    records = [logging.makeLogRecord({"msg": "GET %s: 401", "args": ("/",)}) for _ in range(101)]

    assert sum(sparing.filter(record) for record in records[:100]) == 3
    now = 1.0
    assert sparing.filter(records[100])
    assert records[100].getMessage() == "GET /: 401 (97 lines like this were left out)"


SAY_MUCH = """
import logging, time
from batterysim.process.logs import configure_logs
configure_logs("INFO")
began = time.monotonic()
for number in range(20_000):
    logging.info("x" * 100)
print(time.monotonic() - began, flush=True)
"""


def test_a_log_that_nobody_reads_stops_nothing() -> None:
    """A pipe holds 64 KiB, and whoever takes them may be busy: the next line waited for that."""
    reading, writing = os.pipe()

    done = subprocess.run(
        [sys.executable, "-c", SAY_MUCH], stdout=subprocess.PIPE, stderr=writing, timeout=60, check=True
    )

    assert float(done.stdout) < 30
    assert json.loads(os.read(reading, 65_536).splitlines()[0])["message"] == "x" * 100
    os.close(reading)
    os.close(writing)
