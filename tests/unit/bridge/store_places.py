"""The two kinds of places where results are kept, each with what its tests need to break."""

import itertools
from pathlib import Path
from typing import Protocol

from batterysim_bridge.store.bucket import Bucket
from batterysim_bridge.store.bucket_results import ObjectStore
from batterysim_bridge.store.directory import DirectoryStore
from batterysim_bridge.store.store import RECORD_FILE, RESULT_FILE, ResultKey, ResultStore

from .builders import files_under


class Place(Protocol):
    """Where the stores of all replicas keep their results."""

    def replica(self) -> ResultStore:
        """Return the store of one more replica."""

    def names(self) -> set[str]:
        """Return the names of everything that is kept."""

    def lose(self, key: ResultKey, file_name: str) -> None:
        """Take RECORD_FILE or RESULT_FILE of a result away."""

    def leave_behind(self, content: bytes) -> None:
        """Leave what a replica leaves that crashed in the middle of a commit."""


class DirectoryPlace:
    """A volume that all replicas have mounted."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def replica(self) -> DirectoryStore:
        return DirectoryStore(self._root)

    def names(self) -> set[str]:
        return files_under(self._root)

    def lose(self, key: ResultKey, file_name: str) -> None:
        (self._root / key.namespace / key.uid / file_name).unlink()

    def leave_behind(self, content: bytes) -> None:
        file = self._root / ".incoming" / "crashed" / RESULT_FILE
        file.parent.mkdir(parents=True)
        file.write_bytes(content)


class BucketPlace:
    """A bucket that all replicas use; each has a directory of its own for what is on its way."""

    def __init__(self, bucket: Bucket, root: Path) -> None:
        self.bucket = bucket
        self._root = root
        self._numbers = itertools.count()

    def replica(self) -> ObjectStore:
        return ObjectStore(self.bucket, self._root / f"replica-{next(self._numbers)}")

    def names(self) -> set[str]:
        return {item.path for item in self.bucket.objects("")} | files_under(self._root)

    def lose(self, key: ResultKey, file_name: str) -> None:
        folder = f"results/{key.namespace}/{key.uid}"
        paths = [item.path for item in self.bucket.objects(folder)]
        is_record = file_name == RECORD_FILE
        self.bucket.delete([path for path in paths if path.endswith(RECORD_FILE) is is_record])

    def leave_behind(self, content: bytes) -> None:
        file = self._root / "content"
        file.write_bytes(content)
        self.bucket.upload("results/default/11111111-2222-3333-4444-555555555555/content.parquet", file, "")
        file.unlink()
