"""Tasks for children, good and bad; run one with `python -m tests.unit.runner.child.tasks NAME [LIMITS]`.

Forks need a process of one thread, which that of the tests is not.
"""

import ctypes
import json
import os
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from batterysim_runner.child.ends import Surroundings
from batterysim_runner.child.keeper import Keeper
from batterysim_runner.child.memory import limited
from batterysim_runner.child.process import Limits, start
from batterysim_runner.child.watcher import Watcher
from batterysim_runner.errors import InfeasibleError, SolverFailedError


def good(_: Surroundings) -> bytes:
    return b"a result"


def refused(_: Surroundings) -> bytes:
    raise InfeasibleError("at time 0 the voltage is too low")


def partly_solved(_: Surroundings) -> bytes:
    error = SolverFailedError("it had come to 5 s")
    error.content = b"five seconds of a result"
    raise error


def defect(_: Surroundings) -> bytes:
    raise LookupError("there is no such thing")


def segmentation_fault(_: Surroundings) -> bytes:
    ctypes.string_at(0)
    return b""


def endless_loop(surroundings: Surroundings) -> bytes:
    surroundings.sender.send(progress={"percent": 40, "stage": "Solving", "simulatedSeconds": 12.5})
    surroundings.sender.send(limit=0.5)
    ctypes.PyDLL(None).sleep(60)  # in C, with Python's lock held, like the solver
    return b""


def endless_loop_after_two_pieces(surroundings: Surroundings) -> bytes:
    surroundings.sender.send(limit=0.5)
    keeper = Keeper(surroundings.orders, surroundings.sender)
    done = []
    for piece in (b"one ", b"two "):
        done.append(piece)
        if keeper.keep():
            return b"".join(done)
    ctypes.PyDLL(None).sleep(60)
    return b"never"


def crash_after_a_piece(surroundings: Surroundings) -> bytes:
    surroundings.sender.send(limit=60)
    Keeper(surroundings.orders, surroundings.sender).keep()
    os._exit(3)


def slow_to_describe(surroundings: Surroundings) -> bytes:
    surroundings.sender.send(limit=0.1)
    surroundings.sender.send(solved=True)
    time.sleep(1)
    return b"described"


def ten_gigabytes(surroundings: Surroundings) -> bytes:
    with limited(surroundings.memory_bytes):
        return b"\0" * 10_000_000_000


def ten_gigabytes_bit_by_bit(surroundings: Surroundings) -> bytes:
    with limited(surroundings.memory_bytes):
        return b"".join([os.urandom(1 << 20) for _ in range(10_000)])


def computing(_: Surroundings) -> bytes:
    while True:
        pass


def temporary_files(_: Surroundings) -> bytes:
    directory = Path(os.environ["TMPDIR"])
    (directory / "left.txt").write_text("something of this run's", encoding="utf-8")
    return str(directory).encode()


TASKS: dict[str, Callable[[Surroundings], bytes]] = {
    name: value
    for name, value in globals().items()
    if callable(value) and getattr(value, "__module__", None) == __name__
}


def main(name: str, limits: str = "{}") -> None:
    """Run a task in a child, and print how it ended."""
    wanted = Limits(**json.loads(limits))
    told: list[object] = []
    began = time.monotonic()
    end = Watcher(start(TASKS[name], wanted), time.monotonic, told.append, wanted.memory_bytes).watch()
    ended = {
        "exitCode": end.exit_code,
        "content": None if end.content is None else b64encode(end.content).decode(),
        "reason": None if end.failure is None else end.failure.reason,
        "message": None if end.failure is None else end.failure.message,
        "told": told,
        "seconds": time.monotonic() - began,
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
    }
    print("\n" + json.dumps(ended))


if __name__ == "__main__":
    main(*sys.argv[1:])
