"""TLS: how long a handshake may take, and the certificate, which is read again when it has been renewed."""

import asyncio
import logging
import ssl
from asyncio import Server
from pathlib import Path
from typing import Any

# As in Secrets of the type kubernetes.io/tls.
CERTIFICATE_FILE = "tls.crt"
KEY_FILE = "tls.key"
# A handshake takes memory, and no other limit counts it yet.
HANDSHAKE_SECONDS = 10.0
LOOK_SECONDS = 60.0

_log = logging.getLogger(__name__)


class ServerLoop(asyncio.SelectorEventLoop):
    """An event loop whose servers do not wait long for a TLS handshake."""

    async def create_server(self, *args: Any, **options: Any) -> Server:
        """Create a server, as asyncio does."""
        if options.get("ssl") is not None:
            options.setdefault("ssl_handshake_timeout", HANDSHAKE_SECONDS)
        return await super().create_server(*args, **options)


def certificate_options(directory: Path) -> dict[str, Any]:
    """Return uvicorn's options for the certificate in a directory."""
    return {
        "ssl_certfile": str(directory / CERTIFICATE_FILE),
        "ssl_keyfile": str(directory / KEY_FILE),
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
