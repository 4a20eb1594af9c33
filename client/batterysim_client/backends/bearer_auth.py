"""The user's token for the bridge, put into each request."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import anyio
import httpx

from batterysim_client.errors import ConfigurationError


class BearerAuth(httpx.Auth):
    """Sends a token. It is asked for again before each request, because tokens expire.

    read: returns the token, None without one. It may block.
    """

    def __init__(self, read: Callable[[], str | None]) -> None:
        self._read = read

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Add the header."""
        token = await anyio.to_thread.run_sync(self._read)
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token}"
        yield request


def read_token(path: Path) -> str:
    """Return the token in a file.

    Raises:
        ConfigurationError: it cannot be read, or there is nothing in it.
    """
    try:
        token = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ConfigurationError(f"the token file {path} cannot be read: {reason}") from error
    if not token:
        raise ConfigurationError(f"the token file {path} is empty: put a token into it")
    return token
