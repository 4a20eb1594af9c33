"""The parent of children: a process of one thread that has loaded what they need, and does nothing but fork.

python -m batterysim_runner.host.parent SOCKET

It never learns what its children work on, so none of them can find anything of another one in its memory.
"""

import ctypes
import gc
import importlib
import os
import select
import signal
import socket
import sys
from functools import partial
from pathlib import Path

from batterysim.checks.validation import parse_spec
from batterysim_runner.child.ends import ChildEnds, Surroundings
from batterysim_runner.child.process import Limits, become_child
from batterysim_runner.host.requests import Exit, receive, send
from batterysim_runner.host.work import Work
from batterysim_runner.lean_pybamm import import_pybamm
from batterysim_runner.pod.simulation import solve_simulation

PR_SET_CHILD_SUBREAPER = 36
TICK_MILLISECONDS = 1000
EXAMPLE = {"constantCurrent": {"currentAmperes": 1, "durationSeconds": 1}}


class Parent:
    """Forks children when it is told to over the socket, and tells there how they end."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._children: dict[int, int] = {}  # number by process
        self._descriptors: dict[int, int] = {}  # pidfd by process
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)

    def serve(self) -> None:
        """Serve until the other side closes the socket. Then its children die with it."""
        # What a killed child leaves behind becomes this process's, and is buried here.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        while True:
            ready = dict(self._poll.poll(TICK_MILLISECONDS))
            self._bury()
            if self._connection.fileno() in ready and not self._obey():
                return

    def _obey(self) -> bool:
        received = receive(self._connection)
        if received is None:
            return False
        order, descriptors = received
        if order["kill"]:
            for process, number in self._children.items():
                if number == order["number"]:
                    os.kill(process, signal.SIGKILL)
            return True
        self._fork(order["number"], order["directory"], Limits(*order["limits"]), descriptors)
        return True

    def _fork(self, number: int, directory: str, limits: Limits, descriptors: list[int]) -> None:
        work, messages, content, orders = descriptors
        process = os.fork()
        if process == 0:
            self._connection.close()
            become_child(partial(solve_work, work), ChildEnds(messages, content, orders, directory), limits)
        for descriptor in descriptors:
            os.close(descriptor)
        self._children[process] = number
        watched = os.pidfd_open(process)
        self._poll.register(watched, select.POLLIN)
        self._descriptors[process] = watched

    def _bury(self) -> None:
        """Take note of every child that has ended."""
        while True:
            try:
                process, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if process == 0:
                return
            if (number := self._children.pop(process, None)) is None:
                continue  # a copy that a child has kept of itself
            watched = self._descriptors.pop(process)
            self._poll.unregister(watched)
            os.close(watched)
            send(
                self._connection,
                Exit(number, status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10),
            )


def solve_work(descriptor: int, surroundings: Surroundings) -> bytes:
    """Solve what a file in memory describes. This runs in the child."""
    work = Work.read(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
    os.close(descriptor)
    return solve_simulation(work.assignment(), surroundings)


def load() -> None:
    """Load all that a child may need."""
    import_pybamm()
    for module in ("engine", "experiment.checkpointing", "report.product", "solution"):
        importlib.import_module(f"batterysim_runner.{module}")
    # Whatever is made when it is first used, such as validators, is made here and not in each child.
    parse_spec({"cell": {"parameterSet": "Chen2020"}, "protocol": EXAMPLE})


def main() -> None:
    """Load, and serve."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    load()
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        raise SystemExit(f"{threads} threads after loading: the children would inherit their locks")
    gc.collect()
    gc.freeze()
    Parent(connection).serve()


if __name__ == "__main__":
    main()
