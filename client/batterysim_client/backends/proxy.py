"""Which proxy leads to a URL, by the environment's variables as kubectl reads them.

The rules are those of Go's golang.org/x/net/http/httpproxy, which kubectl uses: HTTPS_PROXY or HTTP_PROXY by
the URL's scheme, in upper or lower case; NO_PROXY with `*`, names, names with a leading dot, addresses,
networks and ports; and never a proxy for this machine itself.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from batterysim_client.errors import ConfigurationError

SCHEMES = ("http", "https", "socks5", "socks5h")
PORTS = {"http": 80, "https": 443}


def proxy_for(url: str, environment: Mapping[str, str]) -> str | None:
    """Return the proxy's URL for a URL; None: go there directly.

    Raises:
        ConfigurationError: the variable is set to something that is no proxy.
    """
    target = urlsplit(url)
    variable, value = _setting(f"{target.scheme}_proxy", environment)
    if not value or _is_loopback(target.hostname or "") or _is_excluded(target, environment):
        return None
    return proxy_url(value, variable)


def proxy_url(value: str, source: str, *, needs_scheme: bool = False) -> str:
    """Return a proxy's address as a URL; without a scheme it is one that speaks HTTP.

    source: what it is set by, for the message. needs_scheme: whether an address without one is wrong.

    Raises:
        ConfigurationError: it is none.
    """
    url = value if "://" in value or needs_scheme else f"http://{value}"
    try:
        parts = urlsplit(url)
        is_proxy = parts.scheme in SCHEMES and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_proxy = False
    if not is_proxy:
        raise ConfigurationError(
            f"{source} is {value!r}: write a proxy such as http://proxy.example.org:3128, or unset it"
        )
    return url


def _setting(name: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return a variable's name and value; that in upper case wins."""
    for variable in (name.upper(), name):
        if value := environment.get(variable, ""):
            return variable, value
    return name.upper(), ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_excluded(target: SplitResult, environment: Mapping[str, str]) -> bool:
    host = (target.hostname or "").lower().rstrip(".")
    port = target.port or PORTS.get(target.scheme)
    _, excluded = _setting("no_proxy", environment)
    return any(_matches(entry.strip().lower(), host, port) for entry in excluded.split(",") if entry.strip())


def _matches(entry: str, host: str, port: int | None) -> bool:
    if entry == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        pass  # one of them is a name, or has a port
    if _is_address(host) and not _is_address(entry.rpartition(":")[0].strip("[]")):
        return False  # the end of an address is no name
    name, _, wanted_port = entry.rpartition(":") if entry.count(":") == 1 else (entry, "", "")
    if wanted_port and wanted_port != str(port):
        return False
    name = name.removeprefix("*").strip("[]")
    if name.startswith("."):
        return host.endswith(name)
    return host == name or host.endswith(f".{name}")
