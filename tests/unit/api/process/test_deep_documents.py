"""An object that the API server stores can be read."""

import subprocess
import sys

import pytest

PROGRAM = """
import copy, json
from batterysim.process.deep_documents import DEEPEST, allow_deep_documents
allow_deep_documents()
text = '{"a":' * (DEEPEST - 1) + "1" + "}" * (DEEPEST - 1)
assert json.dumps(json.loads(text), separators=(",", ":")) == text
"""


@pytest.mark.xfail(
    sys.version_info >= (3, 12), strict=True, reason="CPython limits recursion in C itself from 3.12 on"
)
def test_the_deepest_document_is_read_and_written() -> None:
    """In a process of its own, whose main thread has the stack that the components' have."""
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)
