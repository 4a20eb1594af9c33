"""The child itself: it closes what is not its own, does its task, and ends with an exit code."""

import ctypes
import gc
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

from batterysim.failure import ExitCode
from batterysim_runner.child.ends import ChildEnds, Surroundings, WatcherEnds, open_ends
from batterysim_runner.child.last_words import last_words
from batterysim_runner.child.messages import Sender
from batterysim_runner.errors import RunError

Task = Callable[[Surroundings], bytes]
"""Does the work of a child, and returns its result."""

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
CPU_SPARE_SECONDS = 5


class Limits(NamedTuple):
    """What a child may take; None: whatever there is.

    memory_bytes: in memory, all in all.
    cpu_seconds: computing time; beyond it the kernel kills the child.
    file_bytes: size of any file that it writes, its result included.
    """

    memory_bytes: int | None = None
    cpu_seconds: int | None = None
    file_bytes: int | None = None


class Ended(NamedTuple):
    """How a process ended, as os.wait4 tells it."""

    status: int
    cpu_seconds: float
    max_memory_bytes: int


class Child:
    """A child of this very process."""

    def __init__(self, process: int, ends: WatcherEnds) -> None:
        self.process = process
        self.ends = ends
        self._ended: Ended | None = None

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        if self.reap() is None:
            os.kill(self.process, signal.SIGKILL)

    def reap(self, *, wait: bool = False) -> Ended | None:
        """Return how it ended; None if it goes on."""
        if self._ended is None:
            process, status, usage = os.wait4(self.process, 0 if wait else os.WNOHANG)
            if process:
                self._ended = ended_of(status, usage)
        return self._ended


def ended_of(status: int, usage: resource.struct_rusage) -> Ended:
    """Return what os.wait4 says in our terms."""
    return Ended(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10)


def start(task: Task, limits: Limits) -> Child:
    """Start a child of this process.

    Raises:
        RuntimeError: this process has several threads: the child would inherit their locks, and hang.
    """
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        raise RuntimeError("a process of several threads must not fork")
    watcher, own = open_ends()
    gc.freeze()  # what is there is shared with the child, as long as nobody writes into it
    process = os.fork()
    if process == 0:
        watcher.close_descriptors()
        become_child(task, own, limits)
    own.close_descriptors()
    return Child(process, watcher)


def become_child(task: Task, ends: ChildEnds, limits: Limits) -> NoReturn:
    """Turn this process, which has just been forked, into a child that does its task and ends."""
    code: int = ExitCode.CRASHED
    try:
        die_with_parent()
        _apply(limits)
        tempfile.tempdir = os.environ["TMPDIR"] = ends.directory
        code = _work(task, ends, limits)
    finally:
        # Not by exit(): what is registered there belongs to the process that this one was forked from.
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that forked it ends."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _apply(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_bytes, limits.file_bytes))
    if limits.cpu_seconds is not None:
        # At the hard limit it would be a SIGKILL, which looks like a lack of memory.
        resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + CPU_SPARE_SECONDS))


def _work(task: Task, ends: ChildEnds, limits: Limits) -> ExitCode:
    sender = Sender(ends.messages)
    try:
        _write(ends.content, task(Surroundings(sender, ends.orders, limits.memory_bytes)))
        usage = resource.getrusage(resource.RUSAGE_SELF)
        # It takes a while until the kernel has taken such a process apart: nobody has to wait for that.
        sender.send(
            done={"cpuSeconds": usage.ru_utime + usage.ru_stime, "maxMemoryBytes": usage.ru_maxrss << 10}
        )
    except BaseException as error:
        words = last_words(error, limits.memory_bytes)
        partial = error.content if isinstance(error, RunError) else None
        if partial is not None:
            _write(ends.content, partial)
        sender.send(end=words.to_json_dict(), partial=partial is not None)
        return words.exit_code
    return ExitCode.OK


def _write(descriptor: int, content: bytes) -> None:
    # A copy that finishes may come after a child that was killed while it wrote.
    os.ftruncate(descriptor, 0)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.seek(0)
        file.write(content)
