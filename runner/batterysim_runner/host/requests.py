"""What the host and the parent of its children say to each other, over a Unix socket: packet by packet."""

import array
import json
import socket
from enum import StrEnum
from typing import Any, NamedTuple

from batterysim_runner.child.process import Limits

MAX_PACKET_BYTES = 4096
DESCRIPTORS = 4


NEEDS_PYBAMM = "needsPybamm"
"""A child's message: what it was given is for a parent of the kind MODEL."""

USED = "used"
"""A child's message: the name of the compiled simulation that it uses."""


class Kind(StrEnum):
    """The kinds of parents."""

    COMPILED = "compiled"
    MODEL = "model"


class Order(NamedTuple):
    """A child is wanted, or is to be killed, or the next ones are to find something loaded.

    number: names the child from now on.
    load: name of the compiled simulation that is to be loaded; no child is meant then.
    directory: for its temporary files.
    """

    number: int
    kill: bool = False
    load: str = ""
    directory: str = ""
    limits: Limits = Limits()


class Exit(NamedTuple):
    """A child has ended."""

    number: int
    status: int
    cpu_seconds: float
    max_memory_bytes: int


def send(connection: socket.socket, message: Order | Exit, descriptors: tuple[int, ...] = ()) -> None:
    """Send a message, and copies of file descriptors with it."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    connection.sendmsg([json.dumps(message._asdict()).encode()], rights)


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Return the next message and the descriptors that came with it; None: the other side has gone."""
    space = socket.CMSG_SPACE(DESCRIPTORS * array.array("i").itemsize)
    data, ancillary, _, _ = connection.recvmsg(MAX_PACKET_BYTES, space)
    if not data:
        return None
    descriptors = array.array("i")
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
    return json.loads(data), list(descriptors)
