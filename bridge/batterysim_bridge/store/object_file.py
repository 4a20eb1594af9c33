"""An object of known size in an object store, as a file: each read is one request for just these bytes."""

import io
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class ObjectFile(io.RawIOBase):
    """Reads by `read(start, length)`, which returns that many bytes from there on."""

    def __init__(self, read: Callable[[int, int], memoryview], size_bytes: int) -> None:
        self._read = read
        self._size = size_bytes
        self._position = 0

    def readable(self) -> bool:
        """Answer yes."""
        return True

    def seekable(self) -> bool:
        """Answer yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place. Costs nothing."""
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if origin + offset < 0:
            raise ValueError(f"place {origin + offset} is before the beginning")
        self._position = origin + offset
        return self._position

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill the buffer, or as much of it as there is content."""
        target = memoryview(buffer).cast("B")
        length = min(len(target), self._size - self._position)
        if length <= 0:
            return 0
        content = self._read(self._position, length)
        target[: len(content)] = content
        self._position += len(content)
        return len(content)

    def readall(self) -> bytes:
        """Return the rest, in one request."""
        rest = bytearray(max(self._size - self._position, 0))
        return bytes(rest[: self.readinto(rest)])
