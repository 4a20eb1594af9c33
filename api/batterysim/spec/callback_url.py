"""The URL that a result is POSTed to, as far as it shows without looking up its host."""

from ipaddress import AddressValueError, IPv6Address
from typing import Annotated

from pydantic import AfterValidator, HttpUrl, UrlConstraints, WithJsonSchema

MAX_URL_CHARACTERS = 2048
MAX_LABEL_CHARACTERS = 63
MAX_HOST_CHARACTERS = 253

_LABEL = rf"[^/?#@:.\[\]\s]{{1,{MAX_LABEL_CHARACTERS}}}"
URL_PATTERN = rf"^https?://([^/?#@\s]*@)?(\[[0-9a-fA-F:.]+\]|{_LABEL}(\.{_LABEL})*\.?)(:[0-9]*)?([/?#].*)?$"
"""The same for the API server, which does not know hosts in other scripts by their ASCII names."""
WORDS_FOR_URL = "must be a URL with http:// or https:// and a host, as in https://jobs.example.com/done"


def _has_host(url: HttpUrl) -> HttpUrl:
    """Refuse a host that DNS cannot look up, such as `a..b`: no attempt at a delivery would get anywhere."""
    host = url.host or ""
    if not _is_ipv6(host) and not _is_dns_name(host):
        raise ValueError(
            f"the host {host[:100]!r} is not valid: its parts, between single dots, have 1 to "
            f"{MAX_LABEL_CHARACTERS} characters each, as in jobs.example.com"
        )
    return url


def _is_dns_name(host: str) -> bool:
    labels = host.removesuffix(".").split(".")
    return len(host) <= MAX_HOST_CHARACTERS and all(
        1 <= len(label) <= MAX_LABEL_CHARACTERS for label in labels
    )


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host.strip("[]"))
    except AddressValueError:
        return False
    return True


CallbackUrl = Annotated[
    HttpUrl,
    UrlConstraints(max_length=MAX_URL_CHARACTERS),
    AfterValidator(_has_host),
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": MAX_URL_CHARACTERS, "pattern": URL_PATTERN}
    ),
]
