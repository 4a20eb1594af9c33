"""HTTP with JSON and with streams, and every way that it can fail as an error that says what to do."""

import json
import re
import ssl
import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx

from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim_client.errors import (
    AccessError,
    ClientError,
    ConfigurationError,
    ConflictError,
    NotFoundError,
    RefusedError,
    ServerWarning,
    UnreachableError,
)

# Both servers send something at least every half a minute while a stream is open: a heartbeat or a bookmark.
TIMEOUT = httpx.Timeout(60.0, connect=10.0)
# Bookmarks of the API server come about once a minute; a log may be silent for as long as it likes.
WATCH_TIMEOUT = httpx.Timeout(150.0, connect=10.0)
LOG_TIMEOUT = httpx.Timeout(None, connect=10.0)
RETRY_SECONDS = (0.5, 1.0, 2.0)
SHOWN_LENGTH = 60
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"(?: "[^"]*")?')
RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})

Query = Sequence[tuple[str, str]]


def new_client(
    url: str, proxy: str | None, auth: httpx.Auth, tls: ssl.SSLContext | None = None
) -> httpx.AsyncClient:
    """Return a client for one server, which asks the environment for no proxy of its own.

    tls: None: by the public authorities, or those of SSL_CERT_FILE.

    Raises:
        ConfigurationError: the proxy speaks SOCKS, and what speaks it is not installed.
    """
    verify = tls or (httpx.create_ssl_context() if url.startswith("https:") else False)
    try:
        return httpx.AsyncClient(base_url=url, verify=verify, proxy=proxy, auth=auth, trust_env=False)
    except ImportError as error:
        raise ConfigurationError(
            f"the proxy {proxy} speaks SOCKS: install it with pip install 'batterysim-operator[socks]'"
        ) from error


class Http:
    """Requests to one server.

    where: the server in a few words, for messages.
    tls_server_name: whose certificate to expect, if not that of the URL's host.
    """

    def __init__(self, client: httpx.AsyncClient, where: str, tls_server_name: str | None = None) -> None:
        self._client = client
        self._where = where
        self._extensions = {} if tls_server_name is None else {"sni_hostname": tls_server_name}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def json(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the answer's JSON, None if it has none.

        Raises:
            ClientError, InvalidSpecError: see `error_of`, `json_of`; UnreachableError without an answer.
        """
        content = await self.content(method, path, query=query, body=body, headers=headers)
        return json_of(content, self._where) if content else None

    async def content(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return the answer's bytes. Reading is tried some times.

        Raises:
            As `json`.
        """
        waits = iter(RETRY_SECONDS if method == "GET" else ())
        while True:
            try:
                async with self.stream(method, path, query=query, body=body, headers=headers) as response:
                    return await response.aread()
            except UnreachableError:
                if (seconds := next(waits, None)) is None:
                    raise
                await anyio.sleep(seconds)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: httpx.Timeout = TIMEOUT,  # noqa: ASYNC109 - httpx keeps it
    ) -> AsyncIterator[httpx.Response]:
        """Give the answer while it arrives.

        Raises:
            As `json`; UnreachableError also when it breaks off.
        """
        try:
            async with self._client.stream(
                method,
                path,
                params=list(query),
                json=body,
                headers=headers,
                timeout=timeout,
                extensions=self._extensions,
            ) as response:
                if not response.is_success:
                    content = await response.aread()
                    raise error_of(response.status_code, content, self._where)
                for text in warnings_of(response):
                    warnings.warn(text, ServerWarning, stacklevel=2)
                yield response
        except httpx.TimeoutException as error:
            raise UnreachableError(f"{self._where} does not answer in time: try again") from error
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise UnreachableError(f"{self._where} cannot be reached: {reason}") from error
        except httpx.InvalidURL as error:
            raise UnreachableError(f"{self._where} is not a usable URL: {error}") from error


def warnings_of(response: httpx.Response) -> list[str]:
    """Return the texts of the API server's warnings, which kubectl prints as well (RFC 7234, 5.5)."""
    texts = (_WARNING.fullmatch(value) for value in response.headers.get_list("Warning"))
    return [re.sub(r"\\(.)", r"\1", found[1]) for found in texts if found]


async def lines_of(response: httpx.Response) -> AsyncIterator[bytes]:
    """Yield the lines that have something in them, as they arrive.

    Only a newline ends one: httpx's own ends them at characters, too, that JSON has inside of its strings.
    """
    rest = b""
    async for piece in response.aiter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        for line in filter(None, lines):
            yield line
    if rest:
        yield rest


def json_of(content: bytes | str, where: str) -> Any:
    """Return what JSON says.

    Raises:
        RefusedError: it is no JSON.
    """
    try:
        return json.loads(content)
    except ValueError as error:
        raise RefusedError(
            f"{where}: the answer is not JSON, but begins with {content[:SHOWN_LENGTH]!r}: is this the right "
            "address, and does a proxy require a login?"
        ) from error


def error_of(status: int, content: bytes, where: str) -> ClientError | InvalidSpecError:
    """Return what an answer means that is no success.

    content: a problem document of the bridge, a Status of the API server, or what a proxy has to say.
    """
    document = _document(content)
    message = str(document.get("detail") or document.get("message") or f"answer {status} without a reason")
    if status == 422 and (problems := _problems(document)):
        return InvalidSpecError(problems)
    message = f"{where}: {message}"
    if status == 401:
        return AccessError(f"{message}; get a new token, or correct your kubeconfig")
    kinds: dict[int, type[ClientError]] = {
        403: AccessError,
        404: NotFoundError,
        409: ConflictError,
        410: NotFoundError,
    }
    if status in RETRYABLE_STATUSES or status >= 500:
        return UnreachableError(f"{message}; try again")
    return kinds.get(status, RefusedError)(message)


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _problems(document: Mapping[str, Any]) -> list[Problem]:
    """Return each wrong field, of the bridge's `errors` or of the API server's `causes`."""
    found = document.get("errors") or (document.get("details") or {}).get("causes") or []
    return [
        Problem(FailureReason.INVALID_SPEC, str(item.get("field") or "spec"), str(item.get("message")))
        for item in found
        if isinstance(item, dict)
    ]
