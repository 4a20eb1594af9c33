"""The ends of the pipes that connect a child with its watcher."""

import os
import shutil
import tempfile
from collections.abc import Iterable
from typing import NamedTuple

from batterysim_runner.child.messages import Sender


class ChildEnds(NamedTuple):
    """The child's side: file descriptors, and a directory for temporary files.

    messages: takes what it tells.
    content: takes its result; a file in memory.
    orders: gives one byte when a copy of it is to finish with what it has, and an end when it is not wanted.
    """

    messages: int
    content: int
    orders: int
    directory: str

    @property
    def descriptors(self) -> tuple[int, int, int]:
        """The file descriptors."""
        return self.messages, self.content, self.orders

    def close_descriptors(self) -> None:
        """Close them all."""
        _close(self.descriptors)


class WatcherEnds(NamedTuple):
    """The watcher's side: see ChildEnds."""

    messages: int
    content: int
    orders: int
    directory: str

    @property
    def descriptors(self) -> tuple[int, int, int]:
        """The file descriptors."""
        return self.messages, self.content, self.orders

    def read_content(self) -> bytes:
        """Return the child's result."""
        return os.pread(self.content, os.fstat(self.content).st_size, 0)

    def close_descriptors(self) -> None:
        """Close them all."""
        _close(self.descriptors)

    def finish(self) -> None:
        """Have a copy of the child finish with what it has."""
        os.write(self.orders, b"F")

    def close(self) -> None:
        """Close them all, and remove the temporary files that a killed child leaves."""
        self.close_descriptors()
        shutil.rmtree(self.directory, ignore_errors=True)


class Surroundings(NamedTuple):
    """What a task has to do with in its child.

    sender: the pipe to the watcher.
    orders: see ChildEnds.
    memory_bytes: what it may have in memory; None: whatever there is.
    """

    sender: Sender
    orders: int
    memory_bytes: int | None


def open_ends() -> tuple[WatcherEnds, ChildEnds]:
    """Return both sides of new connections."""
    hears, tells = os.pipe()
    os.set_blocking(hears, False)
    obeys, orders = os.pipe()
    content = os.memfd_create("result")
    directory = tempfile.mkdtemp(prefix="run-")
    return (
        WatcherEnds(hears, content, orders, directory),
        ChildEnds(tells, os.dup(content), obeys, directory),
    )


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
