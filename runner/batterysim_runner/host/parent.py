"""The parent of children: a process of one thread that has loaded what they need, and does nothing but fork.

python -m batterysim_runner.host.parent KIND SOCKET

There are two kinds. `compiled` has the solver and the compiled simulations that were asked for; it is small.
`model` has PyBaMM. Neither learns what its children work on, so none of them can find anything of another in
its memory.
"""

import ctypes
import gc
import importlib
import io
import os
import select
import signal
import socket
import sys
from contextlib import redirect_stdout, suppress
from functools import partial
from pathlib import Path

from batterysim.checks.validation import parse_spec
from batterysim.failure import ExitCode, FailureReason
from batterysim.spec.model import Solver
from batterysim_runner.child.ends import ChildEnds, Surroundings
from batterysim_runner.child.messages import Sender
from batterysim_runner.child.process import Limits, become_child
from batterysim_runner.compiled.library import installed
from batterysim_runner.compiled.run import compiled_run
from batterysim_runner.compiled.shape import catalogue
from batterysim_runner.errors import RunError
from batterysim_runner.host.requests import NEEDS_PYBAMM, USED, Exit, Kind, receive, send
from batterysim_runner.host.work import Work
from batterysim_runner.lean_pybamm import import_pybamm
from batterysim_runner.pod.simulation import solve_simulation

PR_SET_CHILD_SUBREAPER = 36
TICK_MILLISECONDS = 1000
EXAMPLE = {
    "cell": {"parameterSet": "Chen2020"},
    "protocol": {"constantCurrent": {"currentAmperes": 1, "durationSeconds": 1}},
}


class NotCompiledError(RunError):
    """A simulation needs PyBaMM, which this process has not."""

    reason = FailureReason.RUNNER_CRASHED
    exit_code = ExitCode.CRASHED


class Parent:
    """Forks children when it is told to over the socket, and tells there how they end."""

    def __init__(self, kind: Kind, connection: socket.socket) -> None:
        self._kind = kind
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
        if order["load"]:
            load_compiled(order["load"])
            return True
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
            become_child(
                partial(solve_work, self._kind, work), ChildEnds(messages, content, orders, directory), limits
            )
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


def solve_work(kind: Kind, descriptor: int, surroundings: Surroundings) -> bytes:
    """Solve what a file in memory describes. This runs in the child.

    Raises:
        NotCompiledError: it takes a parent that has PyBaMM.
    """
    work = Work.read(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
    os.close(descriptor)
    if kind is Kind.COMPILED:
        run = compiled_run(parse_spec(work.spec), installed())
        if run is None:
            surroundings.sender.send(**{NEEDS_PYBAMM: True})
            raise NotCompiledError("no compiled simulation fits, so PyBaMM has to make its equations")
        surroundings.sender.send(**{USED: run.equations.description.shape.name})
    return solve_simulation(work.assignment(), surroundings)


def load_compiled(name: str) -> None:
    """Have the next children find a compiled simulation in their memory, and the solver made for it."""
    solver = Solver()
    for shape in catalogue():
        if shape.name == name and (equations := installed().find(shape)) is not None:
            equations.get_ready((solver.relative_tolerance, solver.absolute_tolerance))
    gc.freeze()


def load(kind: Kind) -> None:
    """Load what every child needs."""
    # Whatever is made when it is first used, such as validators, is made here and not in each child.
    parse_spec(EXAMPLE)
    importlib.import_module("batterysim_runner.engine")
    if kind is Kind.MODEL:
        import_pybamm()
        for module in ("experiment.checkpointing", "report.product", "solution"):
            importlib.import_module(f"batterysim_runner.{module}")
    else:
        rehearse()


def rehearse() -> None:
    """Solve an example as a child does, if it is compiled.

    The imports, validators and versions that this takes are then in this process, and not made by each child.
    """
    work = Work("", "example", "", 0, "", EXAMPLE, 0, "", "", "")
    nowhere = os.open(os.devnull, os.O_RDWR)
    with os.fdopen(os.memfd_create("work"), "w+b") as file, redirect_stdout(io.StringIO()):
        file.write(work.document())
        file.flush()
        with suppress(RunError):
            solve_work(Kind.COMPILED, os.dup(file.fileno()), Surroundings(Sender(nowhere), nowhere, None))
    os.close(nowhere)


def main() -> None:
    """Load, and serve."""
    kind, connection = Kind(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))
    load(kind)
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        raise SystemExit(f"{threads} threads after loading: the children would inherit their locks")
    gc.collect()
    gc.freeze()
    Parent(kind, connection).serve()


if __name__ == "__main__":
    main()
