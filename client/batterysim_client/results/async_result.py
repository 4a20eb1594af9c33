"""A result, or a part of it, to be fetched."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from batterysim_client.backends.backend import Backend
from batterysim_client.result_format import ResultFormat, format_of, to_format
from batterysim_client.results import series
from batterysim_client.results.whole_file import whole_file
from batterysim_client.selection import Selection

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True)
class AsyncResult:
    """Knows which result is meant, and fetches it when it is asked for. Every fetch may raise ClientError.

    namespace: of the simulation; None: the way's own.
    selection: which part of the result.
    connect: returns the way to it.
    """

    name: str
    namespace: str | None
    selection: Selection
    connect: Callable[[], Awaitable[Backend]] = field(repr=False)

    async def pieces(self, wanted: ResultFormat | str = ResultFormat.PARQUET) -> AsyncIterator[bytes]:
        """Yield the file piece by piece, in constant memory."""
        backend = await self.connect()
        namespace = self.namespace or backend.namespace
        bridge = await backend.bridge(namespace, self.name)
        async with bridge.result(namespace, self.name, to_format(wanted), self.selection) as response:
            async for piece in response.aiter_bytes():
                yield piece

    async def read(self, wanted: ResultFormat | str = ResultFormat.PARQUET) -> bytes:
        """Return the file."""
        return b"".join([piece async for piece in self.pieces(wanted)])

    async def save(self, path: str | os.PathLike[str], wanted: ResultFormat | str | None = None) -> Path:
        """Write the file in constant memory, and return its path. It is there when it is whole, not before.

        A file that exists keeps its mode, and a link is followed. Devices and pipes are written to directly.

        wanted: the format; None: as the file's name ends.

        Raises:
            RefusedError: the file's name ends in nothing that is known, or there is no such format.
            OSError: it cannot be written.
        """
        target = Path(path)
        result_format = format_of(target) if wanted is None else to_format(wanted)
        with whole_file(target) as part:
            async with await anyio.open_file(part, "wb") as file:
                async for piece in self.pieces(result_format):
                    await file.write(piece)
        return target

    async def to_arrow(self) -> "pa.Table":
        """Return the series as an Arrow table, with the unit in each field's metadata. Needs pyarrow."""
        return series.to_arrow(await self.read())

    async def to_pandas(self) -> "pd.DataFrame":
        """Return the series as a data frame, with the units in `attrs["units"]`. Needs pandas."""
        return series.to_pandas(await self.read())
