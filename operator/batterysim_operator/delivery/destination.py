"""Where callbacks may go: to public addresses, and elsewhere only by allow list.

Without this, anyone who may create a simulation could make the operator call what only the cluster can
reach (server-side request forgery). The check is made on the address that is really connected to, so a
name that changes its address between check and use gains nothing.
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
TRANSLATED = ipaddress.IPv6Network("::ffff:0:0:0/96")
"""IPv4 addresses for a translator (RFC 2765), and so the IPv4 address at their end."""
NEVER_PUBLIC = tuple(map(ipaddress.IPv6Network, ("::/96", "2002::/16", "fec0::/10", "64:ff9b:1::/48")))
"""IPv4-compatible, 6to4, site-local and local NAT64 addresses, which Python counts as public."""
PORTS = {"http": 80, "https": 443}


class ForbiddenDestinationError(Exception):
    """The callback's address is private and not on the allow list."""


@dataclass(frozen=True)
class AllowedDestination:
    """A URL prefix that callbacks may reach although its address is private.

    namespaces: whose simulations may; empty: those of all namespaces.
    """

    scheme: str
    host: str
    port: int
    path: str
    namespaces: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, entry: str | dict[str, Any]) -> Self:
        """Read an entry of the chart's value: a URL, or `{url, namespaces}`.

        Raises:
            ValueError: it is no http or https URL with a host.
        """
        url, namespaces = (
            (entry, []) if isinstance(entry, str) else (entry["url"], entry.get("namespaces", []))
        )
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or parts.query or parts.fragment or parts.username:
            raise ValueError(f"{url!r} must be a URL such as http://job-manager.jobs.svc:8083/results")
        port = parts.port or PORTS[parts.scheme]
        return cls(parts.scheme, parts.hostname, port, parts.path.rstrip("/"), frozenset(namespaces))

    def covers(self, url: str, namespace: str) -> bool:
        """Tell whether a simulation of this namespace may call this URL."""
        parts = urlsplit(url)
        place = (parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme))
        if place != (self.scheme, self.host, self.port) or (
            self.namespaces and namespace not in self.namespaces
        ):
            return False
        if self.path and not _is_plain(parts.path):
            return False
        return parts.path == self.path or parts.path.startswith(self.path + "/")


@dataclass(frozen=True)
class DestinationPolicy:
    """Which destinations are allowed.

    denied: networks that are private here although their addresses are public, such as those of the nodes.
    """

    allowed: tuple[AllowedDestination, ...] = ()
    denied: tuple[Network, ...] = ()

    def allows(self, url: str, namespace: str) -> bool:
        """Tell whether the allow list has this URL for this namespace."""
        return any(destination.covers(url, namespace) for destination in self.allowed)

    def is_public(self, address: Address) -> bool:
        """Tell whether an address is public, and not a private IPv4 address in IPv6 clothes."""
        if any(address.version == network.version and address in network for network in self.denied):
            return False
        if isinstance(address, ipaddress.IPv6Address):
            inner = _ipv4_inside(address)
            if inner is not None:
                return self.is_public(inner)
            if any(address in network for network in NEVER_PUBLIC):
                return False
        return address.is_global and not address.is_multicast


def check_url(url: str, policy: DestinationPolicy) -> None:
    """Refuse a URL whose host is a private address itself; of a name, the resolver checks the addresses.

    Raises:
        ForbiddenDestinationError: names the host and what to do.
    """
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    if not policy.is_public(address):
        raise ForbiddenDestinationError(_refusal(host))


class PublicResolver(AbstractResolver):
    """Resolves names, leaving out addresses that are not public."""

    def __init__(self, policy: DestinationPolicy, resolver: AbstractResolver | None = None) -> None:
        self._policy = policy
        self._resolver = resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the public addresses of a host.

        Raises:
            ForbiddenDestinationError: there are only others.
        """
        results = await self._resolver.resolve(host, port, family)
        public = [
            result for result in results if self._policy.is_public(ipaddress.ip_address(result["host"]))
        ]
        if not public:
            raise ForbiddenDestinationError(_refusal(host))
        return public

    async def close(self) -> None:
        """Release the resolver."""
        await self._resolver.close()


def _is_plain(path: str) -> bool:
    """Tell whether a path leads where it seems to, for any server.

    `/results/..;/admin`, `/results/..%2fadmin` and the like are sent as they are, and some servers take them
    for `/admin`.
    """
    if "%25" in path or "%5c" in path.lower() or "%2f" in path.lower():
        return False
    segments = unquote(path).split("/")
    return not any(segment.partition(";")[0] in (".", "..") for segment in segments)


def _ipv4_inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64 or address in TRANSLATED:
        return ipaddress.IPv4Address(int(address) % 2**32)
    return None


def _refusal(host: str) -> str:
    return (
        f"spec.callback.url: {host} is a private address; add the URL, or its beginning, to the chart's "
        "value operator.callbacks.allowedPrivateUrls, or use a public address"
    )
