"""One POST to a receiver, and every way that it can fail in words that give nothing else away."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import IO, Any, NamedTuple, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.connector import Connection

from batterysim_operator.delivery.destination import DestinationPolicy, PublicResolver, check_url

ANSWER_SECONDS = 60.0
CONNECT_SECONDS = 10.0
LONGEST_SECONDS = 900.0
"""For all of a POST, so that a receiver that reads slowly ends, too; 100 MB take 13 min at 1 Mbit/s."""
TIMEOUT = aiohttp.ClientTimeout(total=LONGEST_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=ANSWER_SECONDS)
MOST_INTERIM_ANSWERS = 5
DEFAULT_PORTS = {"http": 80, "https": 443}
TELLS_WHEN = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


class UnreachableError(Exception):
    """No answer came. The message names the place and the kind of the fault."""


class Answer(NamedTuple):
    """A receiver's answer. retry_after_seconds: how long it asks to be left alone."""

    status: int
    retry_after_seconds: float = 0.0

    @property
    def is_success(self) -> bool:
        """Whether the receiver took the callback."""
        return 200 <= self.status < 300


class Receivers:
    """Calls receivers: those on the allow list by any address, all others by public addresses only."""

    def __init__(
        self,
        policy: DestinationPolicy,
        resolver: AbstractResolver | None = None,
        *,
        proxy: str | None = None,
        ca: str | None = None,
    ) -> None:
        """proxy: leads to all that are not on the allow list. ca: PEM, trusted in addition."""
        self._policy = policy
        self._proxy = proxy
        self._resolver = PublicResolver(policy, resolver)
        tls = _tls(ca)
        self._public = _session(self._resolver if proxy is None else resolver, tls)
        self._private = _session(resolver, tls)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._public.close()
        await self._private.close()
        await self._resolver.close()

    async def post(
        self, url: str, namespace: str, body: bytes | IO[bytes], headers: Mapping[str, str], now: datetime
    ) -> Answer:
        """POST a body for a simulation of this namespace. Redirects are answers like any other.

        Raises:
            ForbiddenDestinationError: the address is private and not on the allow list.
            UnreachableError: no answer came.
        """
        is_allowed = self._policy.allows(url, namespace)
        proxy = None if is_allowed else self._proxy
        if not is_allowed:
            check_url(url, self._policy)
        if proxy is not None:
            await self._check_name(url)
        session = self._private if is_allowed else self._public
        try:
            async with session.post(
                url, data=body, headers=headers, allow_redirects=False, timeout=TIMEOUT, proxy=proxy
            ) as answer:
                wanted = answer.headers.get("Retry-After", "") if answer.status in TELLS_WHEN else ""
                return Answer(answer.status, _retry_after(wanted, now))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise UnreachableError(f"{place_of(url)} {_kind_of(error)}") from error

    async def _check_name(self, url: str) -> None:
        """Refuse a private address behind a name. One that only the proxy can resolve is left to the proxy.

        Raises:
            ForbiddenDestinationError: the name has private addresses only.
        """
        with suppress(OSError, ValueError):
            await self._resolver.resolve(host_of(url))


class _FinalAnswer(aiohttp.ClientResponse):
    """Waits for some interim answers (1xx) and not forever: aiohttp takes any number, as fast as they come.

    After one, aiohttp waits for the next without its own limit.
    """

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Wait for an answer's head."""
        protocol = connection.protocol
        assert protocol is not None  # noqa: S101 - it is connected
        heads = 0

        async def read() -> Any:
            nonlocal heads
            heads += 1
            if heads == 1:
                return await type(protocol).read(protocol)
            if heads > MOST_INTERIM_ANSWERS:
                raise aiohttp.ClientResponseError(self.request_info, self.history, message="interim answers")
            async with asyncio.timeout(ANSWER_SECONDS):
                return await type(protocol).read(protocol)

        protocol.read = read  # type: ignore[method-assign]
        try:
            return await super().start(connection)
        finally:
            del protocol.read


def host_of(url: str) -> str:
    """Return the host of a URL, or the text itself where it has none."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def receiver_of(url: str) -> str:
    """Return host and port of a URL: another port is another receiver. Without a host, the text itself."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return url
    return f"{parts.hostname}:{port}" if parts.hostname else url


def place_of(url: str) -> str:
    """Return a URL's scheme, host and port, without what may be secret: user, password, path and query."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    try:
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        port = ""
    return f"{parts.scheme}://{host}{port}"


def _tls(ca: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(cadata=ca)
    return context


def _session(resolver: AbstractResolver | None, tls: ssl.SSLContext) -> aiohttp.ClientSession:
    """Return a session in which no receiver meets anything of another: no cookies, no settings of the pod."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=resolver, limit=0, ssl=tls),
        response_class=_FinalAnswer,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


KINDS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ConnectionTimeoutError, f"could not be reached: no connection within {CONNECT_SECONDS:g} s"),
    (TimeoutError, f"did not answer within {ANSWER_SECONDS:g} s"),
    (aiohttp.ClientConnectorDNSError, "could not be reached: its name could not be resolved"),
    (aiohttp.ClientSSLError, "could not be reached: its TLS certificate was not accepted"),
    (
        aiohttp.ClientProxyConnectionError,
        "could not be reached: the proxy (operator.callbacks.proxy) is away",
    ),
    (aiohttp.ClientHttpProxyError, "could not be reached: the proxy (operator.callbacks.proxy) refused"),
    (aiohttp.ClientConnectorError, "could not be reached: no connection"),
    (aiohttp.ServerDisconnectedError, "closed the connection without an answer"),
    (aiohttp.ClientOSError, "closed the connection without an answer"),
    (aiohttp.ClientResponseError, "sent an answer that is not HTTP"),
)
"""Everything that can go wrong, the most special kind first."""


def _kind_of(error: Exception) -> str:
    """Say what went wrong, without the other side's words, which the simulation's creator could read."""
    known = (words for kind, words in KINDS if isinstance(error, kind))
    return next(known, f"could not be called ({type(error).__name__})")


def _retry_after(value: str, now: datetime) -> float:
    """Read a Retry-After header (RFC 9110, 10.2.3): seconds, or a date; 0 where there is neither."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())
