"""Calls to the Kubernetes API server."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

import aiohttp
from kubernetes.aio import client

from batterysim_kube.documents import Page, read_document, read_page
from batterysim_kube.errors import ApiException

REQUEST_SECONDS = 15.0
# Bookmarks come about once a minute, so a watch that is silent for longer has lost its connection.
WATCH_SILENCE_SECONDS = 150
WATCH_GRACE_SECONDS = 30
PAGE_OBJECTS = 20
"""Of whole objects, which may have 1.5 MB each. A page is in memory as a whole, once, and not decoded."""
METADATA_PAGE_OBJECTS = 100
"""Of metadata, where annotations and the notes of other programs may have some 300 kB each."""

APPLY = {"Content-Type": "application/apply-patch+yaml"}
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
STRATEGIC_PATCH = {"Content-Type": "application/strategic-merge-patch+json"}
METADATA_ONLY = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
METADATA_LIST = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}

Json = dict[str, Any]
Query = Mapping[str, str | int | None]
Headers = Mapping[str, str]


class ApiServer:
    """The API server that a client of the `kubernetes` package is configured for."""

    def __init__(self, api_client: client.ApiClient) -> None:
        self._api_client = api_client

    @property
    def url(self) -> str:
        """The API server's base URL."""
        return str(self._api_client.configuration.host).rstrip("/")

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Headers | None = None,
    ) -> Any:
        """Make a request; return the answer's JSON.

        Raises:
            ApiException: any other answer than a 2xx; NotFound, Conflict, Forbidden and Unprocessable are
                kinds of it.
            One of NO_ANSWER: no answer.
        """
        return read_document(await self._read(method, path, query, body, headers))

    async def pages(
        self, path: str, query: Query | None = None, headers: Headers | None = None, limit: int = PAGE_OBJECTS
    ) -> AsyncGenerator[Page, None]:
        """List, page by page. Let go of each before the next one.

        Raises:
            As `request`.
        """
        proceed: str | None = None
        while True:
            asked = {**(query or {}), "limit": limit, "continue": proceed}
            page = read_page(await self._read("GET", path, asked, None, headers))
            proceed = page.proceed
            yield page
            if not proceed:
                return

    async def watch(self, path: str, query: Query, seconds: int) -> AsyncGenerator[bytes, None]:
        """Watch; yield each event's line.

        Raises:
            As `request`, at any time.
        """
        timeout = aiohttp.ClientTimeout(
            total=seconds + WATCH_GRACE_SECONDS, sock_connect=REQUEST_SECONDS, sock_read=WATCH_SILENCE_SECONDS
        )
        watch_query = {**query, "watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": seconds}
        answer = await self.open("GET", path, watch_query, timeout=timeout)
        try:
            if answer.status >= 400:
                await raise_for_status(answer)
            async for line in lines(answer):
                yield line
        finally:
            answer.close()

    async def open(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Headers | None = None,
        timeout: float | aiohttp.ClientTimeout = REQUEST_SECONDS,  # noqa: ASYNC109 - aiohttp keeps it
    ) -> aiohttp.ClientResponse:
        """Make a request; return the answer, whatever its status is, before its body has been read.

        Raises:
            One of NO_ANSWER: no answer.
        """
        given = [(key, value) for key, value in (query or {}).items() if value not in (None, "")]
        request = await self._api_client.param_serialize(
            method,
            path,
            query_params=given,
            header_params={"Accept": "application/json", **(headers or {})},
            body=body,
            auth_settings=["BearerToken"],
        )
        answer: aiohttp.ClientResponse = (
            await self._api_client.call_api(*request, _request_timeout=timeout)
        ).response
        return answer

    async def _read(
        self,
        method: str,
        path: str,
        query: Query | None,
        body: Mapping[str, Any] | None,
        headers: Headers | None,
    ) -> bytes:
        answer = await self.open(method, path, query, body, headers)
        async with answer:
            if answer.status >= 400:
                await raise_for_status(answer)
            return await answer.read()


async def raise_for_status(answer: aiohttp.ClientResponse) -> None:
    """Raise the ApiException of an answer that is an error."""
    body = (await answer.read()).decode(errors="replace")
    raise ApiException.from_response(http_resp=answer, body=body, data=None)


async def lines(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Yield the lines of an answer, of any length."""
    rest = b""
    async for block in answer.content.iter_any():
        *whole, rest = (rest + block).split(b"\n") if b"\n" in block else (rest + block,)
        for line in whole:
            if line:
                yield line
    if rest:
        yield rest
