"""The newest checkpoint of a run stays: one of an earlier cycle does not take its place.

The cycle is in the last bytes of the stored file, so both are there or neither is, in a directory and in a
bucket alike. NumPy's reader of archives ignores bytes after the end, so the bridge can be rolled back to an
earlier version, which gives the whole file out.
"""

import os
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from batterysim_bridge.store.store import ResultKey

_MARK = b"batterysim-cycle"
_TRAILER = struct.Struct(f">Q{len(_MARK)}s")
LARGEST_CYCLE = (1 << 63) - 1


class EarlierCheckpointError(Exception):
    """A checkpoint was not kept, because one of a later cycle is there."""


class Newest:
    """Lets checkpoints into a store, of each run one after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: set[ResultKey] = set()

    @contextmanager
    def turn(
        self, key: ResultKey, kept: Callable[[], BinaryIO | None], file: Path, cycle: int | None
    ) -> Iterator[None]:
        """Give the block its turn to put a file in the place of the one that is kept.

        cycle: after which it was made; None: it is not known, and the file takes any place.

        Raises:
            EarlierCheckpointError: the one that is kept is of a later cycle.
            OSError: another one is being put there, or the store is unavailable.
        """
        with self._alone(key):
            if cycle is not None:
                _require_later(kept(), cycle)
                with file.open("ab") as target:
                    target.write(_TRAILER.pack(cycle, _MARK))
            yield

    @contextmanager
    def _alone(self, key: ResultKey) -> Iterator[None]:
        with self._lock:
            # Nobody waits: a store that hangs would take one thread after the other.
            if key in self._under_way:
                raise OSError("another checkpoint of this run is being stored")
            self._under_way.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._under_way.discard(key)


def _require_later(kept: BinaryIO | None, cycle: int) -> None:
    if kept is None:
        return
    with kept:
        kept_cycle = cycle_of(kept)
    if kept_cycle is not None and kept_cycle > cycle:
        raise EarlierCheckpointError(f"cycle {cycle} is before cycle {kept_cycle}, which is kept")


def cycle_of(file: BinaryIO) -> int | None:
    """Return after which cycle a stored checkpoint was made; None: it does not say so."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _TRAILER.size, 0))
    end = file.read()
    if len(end) != _TRAILER.size:
        return None
    cycle, mark = _TRAILER.unpack(end)
    return int(cycle) if mark == _MARK else None


def content_bytes(file: BinaryIO) -> int:
    """Return how much of a stored checkpoint is what the runner has sent."""
    is_numbered = cycle_of(file) is not None
    return file.seek(0, os.SEEK_END) - (_TRAILER.size if is_numbered else 0)
