"""The body of a callback: in memory while it is small, otherwise in a file, so that memory stays bounded."""

import asyncio
import tempfile
from collections.abc import Iterator
from typing import IO, Self

IN_MEMORY_BYTES = 1 << 20
LARGEST_BYTES = 100 << 20
BLOCK_BYTES = 1 << 16


class BodyTooLargeError(Exception):
    """There is more than a callback may carry."""


class Body:
    """Bytes that are written once, then read as often as needed. Its file is gone with the `with` block.

    large: how many bodies may be in files at once, which bounds the space on disk.
    """

    def __init__(self, large: asyncio.Semaphore) -> None:
        self._large = large
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self.size = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._large.release()
            self._file = None

    async def write(self, chunk: bytes) -> None:
        """Append some bytes. Waits while too many other large bodies are under way.

        Raises:
            BodyTooLargeError: there is more than LARGEST_BYTES now.
        """
        self.size += len(chunk)
        if self.size > LARGEST_BYTES:
            raise BodyTooLargeError
        if self._file is None and self.size > IN_MEMORY_BYTES:
            await self._large.acquire()
            self._file = tempfile.TemporaryFile(prefix="callback-")  # noqa: SIM115 - closed by __aexit__
            self._file.write(self._memory)
            self._memory.clear()
        # Some kilobytes into the page cache, which is quicker than handing them to a thread.
        if self._file is None:
            self._memory += chunk
        else:
            self._file.write(chunk)

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes from the beginning. Reads a file: for a thread."""
        if self._file is None:
            yield bytes(self._memory)
            return
        self._file.seek(0)
        while block := self._file.read(BLOCK_BYTES):
            yield block

    def payload(self) -> bytes | IO[bytes]:
        """Return what aiohttp sends, with its length known beforehand."""
        if self._file is None:
            return bytes(self._memory)
        self._file.seek(0)
        return self._file
