"""Where children come from: a parent process, started when it is first needed, and again if it dies."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from threading import Lock, Thread

from batterysim_runner.child.ends import WatcherEnds, open_ends
from batterysim_runner.child.process import Ended, Limits
from batterysim_runner.host.requests import Kind, Order, receive, send
from batterysim_runner.host.work import Work

MOST_LOADED = 12
"""Each compiled simulation that is loaded takes five megabytes or so, for as long as the parent lives."""

PARENT_DIED = int(signal.SIGHUP)
"""The status of a child whose parent has died, and which so has died as well."""


class HostedChild:
    """A child of the parent process."""

    def __init__(self, number: int, ends: WatcherEnds, nursery: "Nursery") -> None:
        self.number = number
        self.ends = ends
        self.connection: socket.socket | None = None
        self._nursery = nursery
        self._ended: Ended | None = None
        self._is_over = Lock()
        self._is_over.acquire()

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        if self._ended is None:
            self._nursery.kill(self)

    def reap(self, *, wait: bool = False) -> Ended | None:
        """Return how it ended; None if it goes on."""
        if wait and self._ended is None and self._is_over.acquire():
            self._is_over.release()
        return self._ended

    def end(self, ended: Ended) -> None:
        """Take note of its end."""
        self._ended = ended
        self._is_over.release()


class Nursery:
    """Starts children in a parent process. May be used from several threads."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._lock = Lock()
        self._loaded: set[str] = set()
        self._connection: socket.socket | None = None
        self._children: dict[int, HostedChild] = {}
        self._count = 0

    def warm_up(self) -> None:
        """Start the parent process, so that the first child does not wait for it."""
        with self._lock:
            self._parent()

    def start(self, work: Work, limits: Limits) -> HostedChild:
        """Start a child that solves a simulation."""
        watcher, own = open_ends()
        file = os.memfd_create("work")
        os.write(file, work.document())
        with self._lock:
            self._count += 1
            child = self._children[self._count] = HostedChild(self._count, watcher, self)
            order = Order(child.number, directory=own.directory, limits=limits)
            try:
                child.connection = self._send(order, (file, *own.descriptors))
            except OSError:  # it died a moment ago; the one that is started next is another one
                self._forget_parent()
                child.connection = self._send(order, (file, *own.descriptors))
        own.close_descriptors()
        os.close(file)
        return child

    def load(self, name: str) -> None:
        """Have the next children find a compiled simulation loaded, unless there are many already."""
        with self._lock, contextlib.suppress(OSError):
            if self._connection is not None and name not in self._loaded and len(self._loaded) < MOST_LOADED:
                self._loaded.add(name)
                send(self._connection, Order(0, load=name))

    def kill(self, child: HostedChild) -> None:
        """Have a child killed."""
        with self._lock, contextlib.suppress(OSError):
            if self._connection is not None:
                send(self._connection, Order(child.number, kill=True))

    def close(self) -> None:
        """End the parent, and all children with it."""
        with self._lock:
            self._forget_parent()

    def _send(self, order: Order, descriptors: tuple[int, ...]) -> socket.socket:
        connection = self._parent()
        send(connection, order, descriptors)
        return connection

    def _parent(self) -> socket.socket:
        if self._connection is None:
            ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            command = [sys.executable, "-m", "batterysim_runner.host.parent", self._kind, str(its.fileno())]
            # Arrow's allocator starts a thread otherwise, and a process of two threads must not fork.
            environment = os.environ | {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
            process = subprocess.Popen(  # noqa: S603 - our own module
                command, pass_fds=[its.fileno()], env=environment
            )
            its.close()
            self._connection = ours
            self._loaded.clear()
            Thread(target=self._listen, args=(ours, process), daemon=True, name="nursery").start()
        return self._connection

    def _forget_parent(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
            self._connection = None

    def _listen(self, connection: socket.socket, process: "subprocess.Popen[bytes]") -> None:
        """Take note of how children end, until their parent has gone."""
        with contextlib.suppress(OSError):
            while (received := receive(connection)) is not None:
                message, _ = received
                with self._lock:
                    child = self._children.pop(message["number"], None)
                if child is not None:
                    child.end(Ended(message["status"], message["cpu_seconds"], message["max_memory_bytes"]))
        process.wait()
        with self._lock:
            if self._connection is connection:
                self._connection = None
            orphans = [child for child in self._children.values() if child.connection is connection]
            for child in orphans:
                del self._children[child.number]
        for child in orphans:
            child.end(Ended(PARENT_DIED, 0.0, 0))
