"""Which names the bridge answers to where it requires no token.

A web site can have its own name lead to an address that only the visitor's machine reaches, such as that of
a port-forward, and then read whatever is there: the browser takes it for the same site. It gives the site's
name as `Host`, so names that anyone can register are not answered to.
"""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from batterysim_bridge.http.problem import MISDIRECTED, ProblemError

# Nobody can register these, nor a name without a dot.
PRIVATE_ENDINGS = (".svc", ".local", ".internal", ".localhost")


def is_own_host(header: str, own: Collection[str]) -> bool:
    """Tell whether a Host header names this bridge, and not a name of somebody's.

    own: further names, without ports.
    """
    try:
        host = (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if "." not in host and ":" not in host:
        return bool(host)
    return host in own or host.endswith(PRIVATE_ENDINGS) or _is_address(host)


def require_own_host(header: str | None, own: Collection[str]) -> None:
    """Return if a Host header names this bridge.

    Raises:
        ProblemError: it does not.
    """
    if header is None or not is_own_host(header, own):
        raise ProblemError(
            MISDIRECTED, f"requests without a token must not name the bridge {header!r}: see bridge.api.hosts"
        )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
