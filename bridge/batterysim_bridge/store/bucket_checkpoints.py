"""Checkpoints in a bucket of an object store: checkpoints/<namespace>/<uid>."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import BinaryIO

from batterysim.names import CHECKPOINT_MEDIA_TYPE
from batterysim_bridge.store.bucket import Bucket
from batterysim_bridge.store.incoming import Incoming
from batterysim_bridge.store.newest import Newest
from batterysim_bridge.store.store import ResultKey, StoredEntry

FOLDER = "checkpoints"


class ObjectCheckpointStore:
    """Keeps checkpoints in a bucket. Uploads are in a directory first, to be checked."""

    def __init__(self, bucket: Bucket, directory: Path) -> None:
        self._bucket = bucket
        self._incoming = Incoming(directory)
        self._newest = Newest()

    def incoming(self) -> AbstractContextManager[Path]:
        """See CheckpointStore."""
        return self._incoming.file("checkpoint")

    def commit(self, file: Path, key: ResultKey, cycle: int | None = None) -> None:
        """See CheckpointStore."""
        with self._newest.turn(key, lambda: self.open(key), file, cycle):
            self._bucket.upload(_path(key), file, CHECKPOINT_MEDIA_TYPE)

    def open(self, key: ResultKey) -> BinaryIO | None:
        """See CheckpointStore."""
        found = self._bucket.find(_path(key))
        return None if found is None else self._bucket.open(found)

    def remove(self, key: ResultKey) -> bool:
        """See CheckpointStore."""
        is_there = self._bucket.find(_path(key)) is not None
        if is_there:
            self._bucket.delete([_path(key)])
        return is_there

    def entries(self) -> Iterator[StoredEntry]:
        """See CheckpointStore."""
        for item in self._bucket.objects(FOLDER):
            # What has no such name is not a checkpoint of ours.
            with suppress(ValueError):
                _, namespace, uid = item.path.split("/")
                yield StoredEntry(ResultKey(namespace, uid), item.last_modified, item.size_bytes)


def _path(key: ResultKey) -> str:
    return f"{FOLDER}/{key.namespace}/{key.uid}"
