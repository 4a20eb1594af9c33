"""A list of the bridge, page by page."""

from collections.abc import AsyncIterator
from typing import Any

from batterysim_client.backends.http import Http, Query

PAGE_SIZE = 500


async def items_of(http: Http, path: str, query: Query) -> AsyncIterator[dict[str, Any]]:
    """Yield the items of all pages."""
    cursor: Query = ()
    while True:
        page = await http.json("GET", path, query=[*query, ("limit", str(PAGE_SIZE)), *cursor])
        for item in page["items"]:
            yield item
        if "nextCursor" not in page:
            return
        cursor = [("cursor", page["nextCursor"])]
