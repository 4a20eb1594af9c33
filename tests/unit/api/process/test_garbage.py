"""What a server has loaded is no business of the collector's."""

import gc
import subprocess
import sys
import time

from batterysim.process.garbage import leave_out_what_is_loaded

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
    command = (sys.executable, "-c", MAIN.format(module="batterysim_bridge.__main__"))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())

    assert before > 50_000
    assert after < 1000
