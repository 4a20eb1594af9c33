"""Where callbacks may go: to public addresses, and to private ones only by allow list.

Without this, anyone who may create a simulation could make the operator call what only the cluster can
reach (server-side request forgery). The check is made on the address that is really connected to, so a
name that changes its address between check and use gains nothing.
"""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

NAT64 = ipaddress.ip_network("64:ff9b::/96")
OBSOLETE = tuple(map(ipaddress.ip_network, ("::/96", "2002::/16", "fec0::/10")))
"""IPv4-compatible, 6to4 and site-local addresses, which Python counts as public."""


class ForbiddenDestinationError(Exception):
    """The callback's address is private and not on the allow list."""


def check_url(url: str, allowed_hosts: Collection[str]) -> None:
    """Refuse a URL whose host is a private address itself.

    Raises:
        ForbiddenDestinationError: names the host and what to do.
    """
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return  # a name: GuardedResolver checks what it resolves to
    if host not in allowed_hosts and not _is_public(address):
        raise ForbiddenDestinationError(_refusal(host))


class GuardedResolver(AbstractResolver):
    """Resolves names, leaving out private addresses unless the name is on the allow list."""

    def __init__(self, allowed_hosts: Collection[str], resolver: AbstractResolver | None = None) -> None:
        self._allowed_hosts = allowed_hosts
        self._resolver = resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host that may be called.

        Raises:
            ForbiddenDestinationError: there are only others.
        """
        results = await self._resolver.resolve(host, port, family)
        if host in self._allowed_hosts:
            return results
        public = [result for result in results if _is_public(ipaddress.ip_address(result["host"]))]
        if not public:
            raise ForbiddenDestinationError(_refusal(host))
        return public

    async def close(self) -> None:
        """Release the resolver."""
        await self._resolver.close()


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether an address is public, and not a private IPv4 address in IPv6 clothes."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        if address in NAT64:
            return _is_public(ipaddress.IPv4Address(int(address) % 2**32))
        if any(address in network for network in OBSOLETE):
            return False
    return address.is_global and not address.is_multicast


def _refusal(host: str) -> str:
    return (
        f"spec.callback.url: {host} is a private address; add {host} to the chart's value "
        "operator.callbacks.allowedPrivateHosts, or use a public address"
    )
