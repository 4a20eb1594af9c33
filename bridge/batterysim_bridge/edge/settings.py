"""How the bridge is reached: through which proxies, from which web pages, over how long connections."""

import re
from typing import Annotated

from pydantic import AfterValidator, PositiveInt

from batterysim.process.environment import Section
from batterysim_bridge.edge.forwarded import Network

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")


def _origin(value: str) -> str:
    if not _ORIGIN.fullmatch(value):
        raise ValueError("must be an origin such as https://lab.example.org, without a path")
    return value


class HttpSettings(Section):
    """Settings of the HTTP server."""

    trusted_proxies: tuple[Network, ...] = ()
    """Networks of proxies whose X-Forwarded-For, -Proto and -Prefix are believed."""
    cors_origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
    """Origins of web pages that may call the API, such as https://lab.example.org."""
    # Proxies keep idle connections for 60 s (nginx: keepalive_timeout, load balancers of AWS: idle timeout).
    # If the bridge closes it first, a request that is on its way is lost.
    keep_alive_seconds: PositiveInt = 75
    """How long an idle connection stays open."""
