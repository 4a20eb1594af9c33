"""A file whose content is taken away while it is being written, so that none of it piles up."""

import io
from typing import Any


class Sink(io.RawIOBase):
    """Takes what a writer of files writes. It cannot be gone back in."""

    def __init__(self) -> None:
        super().__init__()
        self._content = bytearray()
        self._drained = 0

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def write(self, content: Any) -> int:
        """Take some bytes."""
        self._content += content
        return len(memoryview(content).cast("B"))

    def tell(self) -> int:
        """Return how many bytes were written in all."""
        return self._drained + len(self._content)

    def drain(self) -> bytes:
        """Give away what was written since the last time."""
        content = bytes(self._content)
        self._drained += len(content)
        self._content.clear()
        return content
