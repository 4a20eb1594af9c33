"""Checkpoints of unfinished runs: the newest of each, until its result is there or its object is gone.

    <root>/.checkpoints/<namespace>/<uid>      the newest checkpoint
    <root>/.incoming/<random>/…                checkpoints under way, next to the results under way

A checkpoint appears in the place of the one before by one rename. It is not forced onto the disk: one that a
power failure damages is found out by the runner, and costs no more than having none.
"""

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from batterysim_bridge.store.incoming import Incoming
from batterysim_bridge.store.newest import Newest
from batterysim_bridge.store.store import ResultKey, StoredEntry

CHECKPOINTS_DIR = ".checkpoints"


class CheckpointStore(Protocol):
    """Keeps checkpoints. Methods block, so call them in a thread; OSError means that the store is
    unavailable."""

    def incoming(self) -> AbstractContextManager[Path]:
        """Give a file to write a checkpoint into. It is gone at the end, unless committed."""

    def commit(self, file: Path, key: ResultKey, cycle: int | None = None) -> None:
        """Keep an incoming file in the place of the checkpoint before it.

        cycle: after which it was made; None: it is not known.

        Raises:
            EarlierCheckpointError: the one that is kept is of a later cycle.
        """

    def open(self, key: ResultKey) -> BinaryIO | None:
        """Open the newest checkpoint for reading: seekable. None if there is none.

        Its content ends at `content_bytes`, see `newest.py`.
        """

    def remove(self, key: ResultKey) -> bool:
        """Forget a checkpoint. Tells whether there was one."""

    def entries(self) -> Iterator[StoredEntry]:
        """List what is stored."""


class DirectoryCheckpointStore:
    """Keeps checkpoints under `root`, on the volume of the results."""

    def __init__(self, root: Path) -> None:
        self._root = root / CHECKPOINTS_DIR
        self._root.mkdir(parents=True, exist_ok=True)
        self._incoming = Incoming(root)
        self._newest = Newest()

    def incoming(self) -> AbstractContextManager[Path]:
        """See CheckpointStore."""
        return self._incoming.file("checkpoint")

    def commit(self, file: Path, key: ResultKey, cycle: int | None = None) -> None:
        """See CheckpointStore."""
        target = self._file(key)
        target.parent.mkdir(exist_ok=True)
        with self._newest.turn(key, lambda: self.open(key), file, cycle):
            file.replace(target)

    def open(self, key: ResultKey) -> BinaryIO | None:
        """See CheckpointStore."""
        try:
            return self._file(key).open("rb")
        except FileNotFoundError:
            return None

    def remove(self, key: ResultKey) -> bool:
        """See CheckpointStore."""
        try:
            self._file(key).unlink()
        except FileNotFoundError:
            return False
        return True

    def entries(self) -> Iterator[StoredEntry]:
        """See CheckpointStore."""
        for file in self._root.glob("*/*"):
            # What has no such name, or vanishes meanwhile, is not a checkpoint of ours.
            with contextlib.suppress(ValueError, FileNotFoundError):
                stat = file.lstat()
                key = ResultKey(file.parent.name, file.name)
                yield StoredEntry(key, datetime.fromtimestamp(stat.st_mtime, UTC), stat.st_size)

    def _file(self, key: ResultKey) -> Path:
        return self._root / key.namespace / key.uid
