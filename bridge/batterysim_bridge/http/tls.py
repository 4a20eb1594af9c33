"""TLS: how many handshakes there may be, how long each may take, and a certificate that is renewed.

Until its handshake is done, nothing knows of a connection but the listening socket and the event loop.
"""

import asyncio
import gc
import logging
import socket
import ssl
from asyncio import Server, sslproto
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar
from weakref import ref

from batterysim_bridge.http.protocol import HttpProtocol

# As in Secrets of the type kubernetes.io/tls.
CERTIFICATE_FILE = "tls.crt"
KEY_FILE = "tls.key"
HANDSHAKE_SECONDS = 10.0
MAX_HANDSHAKES = 500
# This many are accepted before the event loop does anything else, such as closing others.
BACKLOG = 64
# Each connection has a buffer of this size from its first moment on; asyncio's default is 256 KiB.
BUFFER_BYTES = 32 * 1024
LOOK_SECONDS = 60.0

_log = logging.getLogger(__name__)


class ServerLoop(asyncio.SelectorEventLoop):
    """An event loop whose servers do not wait long for a TLS handshake."""

    async def create_server(self, *args: Any, **options: Any) -> Server:
        """Create a server, as asyncio does."""
        if options.get("ssl") is not None:
            options.setdefault("ssl_handshake_timeout", HANDSHAKE_SECONDS)
            sslproto.SSLProtocol.max_size = BUFFER_BYTES
        return await super().create_server(*args, **options)


class Handshakes:
    """Connections that have been accepted, and whose handshake is not done."""

    def __init__(self) -> None:
        self._begun: dict[int, tuple[str, ref[socket.socket]]] = {}
        self._closed = 0

    def begin(self, connection: socket.socket, address: str) -> None:
        """Count a connection. Where there are too many, the address that has most loses its oldest."""
        self._begun.pop(connection.fileno(), None)  # a number that a closed connection had
        self._begun[connection.fileno()] = address, ref(connection)
        if len(self._begun) > MAX_HANDSHAKES:
            self._forget_closed()
        if len(self._begun) > MAX_HANDSHAKES:
            self._make_room()

    def end(self, number: int) -> None:
        """Count a connection no longer. number: its file descriptor."""
        self._begun.pop(number, None)

    def _forget_closed(self) -> None:
        self._begun = {
            number: (address, connection)
            for number, (address, connection) in self._begun.items()
            if (found := connection()) is not None and found.fileno() == number
        }

    def _make_room(self) -> None:
        ((most, _),) = Counter(address for address, _ in self._begun.values()).most_common(1)
        number = next(number for number, (address, _) in self._begun.items() if address == most)
        _, connection = self._begun.pop(number)
        if (found := connection()) is not None:
            self._closed += 1
            if self._closed % MAX_HANDSHAKES == 0:
                gc.collect()  # asyncio leaves circles of a handshake that has failed
            with suppress(OSError):  # the client was quicker
                found.shutdown(socket.SHUT_RDWR)  # the event loop takes it for the client's end


class Listener(socket.socket):
    """A listening socket that has its connections counted until their handshakes are done."""

    handshakes: Handshakes

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection."""
        connection, address = super().accept()
        self.handshakes.begin(connection, address[0])
        return connection, address


class TlsProtocol(HttpProtocol):
    """A connection whose handshake is done."""

    handshakes: ClassVar = Handshakes()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        self.handshakes.end(transport.get_extra_info("socket").fileno())
        super().connection_made(transport)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket that counts for TlsProtocol."""
    listener = Listener(socket.AF_INET, socket.SOCK_STREAM)
    listener.handshakes = TlsProtocol.handshakes
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def certificate_options(directory: Path) -> dict[str, Any]:
    """Return uvicorn's options for the certificate in a directory."""
    return {
        "ssl_certfile": str(directory / CERTIFICATE_FILE),
        "ssl_keyfile": str(directory / KEY_FILE),
        "http": TlsProtocol,
        "backlog": BACKLOG,
    }


async def keep_certificate(
    context: ssl.SSLContext, directory: Path, pause_seconds: float = LOOK_SECONDS
) -> None:
    """Read the certificate again whenever it has changed, for the connections from then on."""
    known = _version(directory)
    while True:
        await asyncio.sleep(pause_seconds)
        if (version := _version(directory)) == known:
            continue
        try:
            context.load_cert_chain(directory / CERTIFICATE_FILE, directory / KEY_FILE)
        except OSError as error:
            # The old one is good for a while. A file may be half of a pair that is being replaced.
            _log.error("the renewed certificate in %s cannot be used: %s", directory, error)
            continue
        known = version
        _log.info("the certificate in %s was renewed", directory)


def _version(directory: Path) -> tuple[int, ...]:
    try:
        return tuple((directory / name).stat().st_mtime_ns for name in (CERTIFICATE_FILE, KEY_FILE))
    except OSError:
        return ()
