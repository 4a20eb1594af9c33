"""A stream that the shell has closed (`>&-`) is no reason for a traceback."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("list cells >&-", 0, ""),
        ("result a --server http://127.0.0.1:9 >&-", 2, "standard output is closed: name a file"),
        ("submit - --server http://127.0.0.1:9 <&-", 74, "cannot be read: standard input is closed"),
    ],
)
def test_a_closed_stream(command: str, code: int, message: str) -> None:
    shell = f"exec '{sys.executable}' -m batterysim_cli {command}"

    ended = subprocess.run(
        ["/bin/sh", "-c", shell], stderr=subprocess.PIPE, text=True, timeout=120, check=False
    )

    assert (ended.returncode, "Traceback" in ended.stderr) == (code, False)
    assert message in ended.stderr
