"""What only the bridge has: results and pictures, over HTTP, directly or through the API server's proxy."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Literal

import httpx

from batterysim import names
from batterysim_client.backends.http import Http, Query
from batterysim_client.result_format import ResultFormat
from batterysim_client.selection import Selection

PlotKind = Literal["svg", "png"]
Headers = Mapping[str, str]


async def _no_headers() -> Headers:
    return {}


class ResultServer:
    """The bridge's results.

    prefix: what its paths begin with.
    headers: returns headers to send with each request.
    """

    def __init__(
        self, http: Http, prefix: str = "", headers: Callable[[], Awaitable[Headers]] = _no_headers
    ) -> None:
        self._http = http
        self._prefix = prefix
        self._headers = headers

    @asynccontextmanager
    async def result(
        self, namespace: str, name: str, wanted: ResultFormat, selection: Selection
    ) -> AsyncIterator[httpx.Response]:
        """Give a result while it arrives."""
        path = self._prefix + names.result_path(namespace, name)
        query = [("format", wanted.value), *selection.query()]
        async with self._http.stream("GET", path, query=query, headers=await self._headers()) as response:
            yield response

    async def points(self, namespace: str, name: str, query: Query, point: int | None = None) -> bytes:
        """Return the table of a sweep, or the whole result of one of its points."""
        if point is None:
            path = self._prefix + names.points_path(namespace, name)
        else:
            path = self._prefix + names.point_result_path(namespace, name, point)
        return await self._http.content("GET", path, query=query, headers=await self._headers())

    async def plot(
        self, namespace: str, name: str, kind: PlotKind, selection: Selection, width_pixels: int | None
    ) -> bytes:
        """Return a picture of a result."""
        path = f"{self._prefix}{names.simulation_path(namespace, name)}/plot.{kind}"
        width = [] if width_pixels is None else [("width", str(width_pixels))]
        return await self._http.content(
            "GET", path, query=[*selection.query(), *width], headers=await self._headers()
        )
