"""How the bridge is reached: through which proxies, from which web pages, over how long connections."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network

from batterysim_bridge.edge.forwarded import Network
from batterysim_bridge.environment import SettingsError, positive

# Proxies keep idle connections for 60 s (nginx: keepalive_timeout, load balancers of AWS: idle timeout). If
# the bridge closes it first, a request that is on its way is lost.
DEFAULT_KEEP_ALIVE_SECONDS = 75

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")


@dataclass(frozen=True)
class HttpSettings:
    """Settings of the HTTP server."""

    trusted_proxies: tuple[Network, ...] = ()
    """Networks of proxies whose X-Forwarded-For, -Proto and -Prefix are believed."""
    cors_origins: tuple[str, ...] = ()
    """Origins of web pages that may call the API, such as https://lab.example.org."""
    keep_alive_seconds: int = DEFAULT_KEEP_ALIVE_SECONDS
    """How long an idle connection stays open."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "HttpSettings":
        """Read the settings.

        Raises:
            SettingsError: for the first variable that is wrong.
        """
        return cls(
            _networks(environment, "BATTERYSIM_TRUSTED_PROXIES"),
            _origins(environment, "BATTERYSIM_CORS_ORIGINS"),
            positive(environment, "BATTERYSIM_KEEP_ALIVE_SECONDS", DEFAULT_KEEP_ALIVE_SECONDS),
        )


def _items(environment: Mapping[str, str], variable: str) -> list[str]:
    return environment.get(variable, "").replace(",", " ").split()


def _networks(environment: Mapping[str, str], variable: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(item) for item in _items(environment, variable))
    except ValueError as error:
        raise SettingsError(
            f"{variable} is {environment[variable]!r}: {error}; write networks such as 10.0.0.0/8"
        ) from error


def _origins(environment: Mapping[str, str], variable: str) -> tuple[str, ...]:
    origins = tuple(_items(environment, variable))
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise SettingsError(
                f"{variable} has {origin!r}: write an origin such as https://lab.example.org, without a path"
            )
    return origins
