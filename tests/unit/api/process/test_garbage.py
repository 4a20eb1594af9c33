"""What a server has loaded is no business of the collector's."""

import gc
import subprocess
import sys
import time
from importlib import import_module

import pytest

from batterysim.process.garbage import collection_put_off, leave_out_what_is_loaded

MAIN = """
import gc, sys
import {module}
from batterysim.process.garbage import leave_out_what_is_loaded
before = len(gc.get_objects())
leave_out_what_is_loaded()
print(before, len(gc.get_objects()))
"""


def collection_seconds() -> float:
    began = time.thread_time()
    gc.collect()
    return time.thread_time() - began


def test_a_full_collection_leaves_out_what_is_loaded() -> None:
    loaded = [[number] for number in range(300_000)]
    try:
        before = min(collection_seconds() for _ in range(3))
        leave_out_what_is_loaded()
        after = min(collection_seconds() for _ in range(3))
    finally:
        gc.unfreeze()

    assert len(loaded) == 300_000
    assert after < before / 10


def test_of_the_bridge_next_to_nothing_is_left_to_look_at() -> None:
    command = (sys.executable, "-c", MAIN.format(module="batterysim_bridge.program"))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())

    assert before > 50_000
    assert after < 1000


def test_what_a_server_imports_is_never_looked_at() -> None:
    program = """import gc, batterysim_bridge.__main__
print(gc.get_freeze_count(), gc.get_count()[0], gc.isenabled())"""
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=True)
    left_out, to_look_at, is_enabled = done.stdout.split()

    assert int(left_out) > 50_000
    assert int(to_look_at) < 1000
    assert is_enabled == "True"


def test_the_collector_is_back_after_an_import_that_fails() -> None:
    with pytest.raises(ImportError), collection_put_off():
        import_module("batterysim.process.no_such_module")

    gc.unfreeze()
    assert gc.isenabled()
