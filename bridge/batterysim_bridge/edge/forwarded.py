"""Addresses in answers, as the client has to request them through a proxy that removes a prefix of the path.

They are paths, which keep the scheme and host that the client used. The prefix comes from the proxy's
`X-Forwarded-Prefix`, and counts only from proxies that are trusted: anyone can send the header.
"""

import re
from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Network = IPv4Network | IPv6Network

_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]{1,63}){1,8}")


class ForwardedPrefix:
    """Writes `Location` and `Link` as paths, below the prefix that a trusted proxy has removed."""

    def __init__(self, app: ASGIApp, trusted: Collection[Network]) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        prefix = self._prefix(scope)

        async def send_with_paths(message: Message) -> None:
            if message["type"] == "http.response.start":
                _write_paths(MutableHeaders(scope=message), prefix)
            await send(message)

        await self._app(scope, receive, send_with_paths)

    def _prefix(self, scope: Scope) -> str:
        if not is_trusted(scope, self._trusted):
            return ""
        prefix = Headers(scope=scope).get("x-forwarded-prefix", "").rstrip("/")
        return prefix if _PREFIX.fullmatch(prefix) and "/.." not in prefix else ""


def is_trusted(scope: Scope, trusted: Collection[Network]) -> bool:
    """Tell whether a connection comes from one of these networks."""
    client = scope.get("client")
    try:
        address = ip_address(client[0]) if client else None
    except ValueError:
        return False
    return address is not None and any(address in network for network in trusted)


def _write_paths(headers: MutableHeaders, prefix: str) -> None:
    if (location := headers.get("location")) is not None:
        parts = urlsplit(location)
        headers["location"] = f"{prefix}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    if (link := headers.get("link")) is not None:
        headers["link"] = re.sub("^</", f"<{prefix}/", link)
