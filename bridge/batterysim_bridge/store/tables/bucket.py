"""Sweeps in a bucket of an object store, under the names that they have on a volume."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import BinaryIO

from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim_bridge.store.bucket import Bucket, StoredObject
from batterysim_bridge.store.incoming import Incoming
from batterysim_bridge.store.store import ResultKey, StoredEntry
from batterysim_bridge.store.tables.tables import (
    FOLDER,
    MANIFEST_FILE,
    SWEEP_FILE,
    StoredPart,
    part_name,
    read_part_name,
    read_series_name,
    series_name,
)


class ObjectSweepStore:
    """Keeps sweeps in a bucket. Uploads are in a directory first, to be checked."""

    def __init__(self, bucket: Bucket, directory: Path) -> None:
        self._bucket = bucket
        self._incoming = Incoming(directory)

    def incoming(self) -> AbstractContextManager[Path]:
        """See SweepStore."""
        return self._incoming.file("part.parquet")

    def add_part(self, key: ResultKey, shard: int, part: int, file: Path) -> bool:
        """See SweepStore."""
        self._bucket.trust()
        path, content = _path(key, part_name(shard, part)), file.read_bytes()
        return self._bucket.create(path, content) or self._bucket.read(path) == content

    def parts(self, key: ResultKey, shard: int | None = None) -> list[StoredPart]:
        """See SweepStore."""
        folder = "points" if shard is None else f"points/shard={shard}"
        found = (
            read_part_name(_name(key, item), item.size_bytes)
            for item in self._bucket.objects(_path(key, folder))
        )
        return sorted(part for part in found if part is not None)

    def open_part(self, key: ResultKey, shard: int, part: int) -> BinaryIO:
        """See SweepStore."""
        return self._open(_path(key, part_name(shard, part)))

    def put_series(self, key: ResultKey, point: int, file: Path) -> None:
        """See SweepStore."""
        self._bucket.upload(_path(key, series_name(point)), file, PARQUET_MEDIA_TYPE)

    def open_series(self, key: ResultKey, point: int) -> BinaryIO:
        """See SweepStore."""
        return self._open(_path(key, series_name(point)))

    def series(self, key: ResultKey) -> dict[int, int]:
        """See SweepStore."""
        found = {
            read_series_name(_name(key, item)): item.size_bytes
            for item in self._bucket.objects(_path(key, "series"))
        }
        return {point: size for point, size in found.items() if point is not None}

    def remove_series(self, key: ResultKey, point: int) -> None:
        """See SweepStore."""
        self._bucket.delete([_path(key, series_name(point))])

    def _open(self, path: str) -> BinaryIO:
        found = self._bucket.find(path)
        if found is None:
            raise FileNotFoundError(f"object store: {path} no longer exists")
        return self._bucket.open(found)

    def write(self, key: ResultKey, name: str, content: bytes) -> None:
        """See SweepStore."""
        with self._incoming.file("document") as file:
            file.write_bytes(content)
            self._bucket.upload(_path(key, name), file, "application/json")

    def read(self, key: ResultKey, name: str) -> bytes | None:
        """See SweepStore."""
        return self._bucket.read(_path(key, name))

    def shard_documents(self, key: ResultKey) -> list[str]:
        """See SweepStore."""
        return sorted(_name(key, item) for item in self._bucket.objects(_path(key, "shards")))

    def remove(self, key: ResultKey) -> bool:
        """See SweepStore."""
        folder = f"{FOLDER}/{key.namespace}/{key.uid}"
        found = [item.path for item in self._bucket.objects(folder)]
        # First what says that it is whole.
        found.sort(key=lambda path: not path.endswith((MANIFEST_FILE, SWEEP_FILE)))
        self._bucket.delete(found)
        return bool(found)

    def entries(self) -> Iterator[StoredEntry]:
        """See SweepStore."""
        found: dict[ResultKey, list[StoredObject]] = defaultdict(list)
        for item in self._bucket.objects(FOLDER):
            # What has no such name is not ours.
            with suppress(ValueError):
                _, namespace, uid, _ = item.path.split("/", 3)
                found[ResultKey(namespace, uid)].append(item)
        for key, items in found.items():
            whole = [item for item in items if item.path.endswith("/" + MANIFEST_FILE)]
            rows = [item for item in items if _has_numbers(_name(key, item))]
            newest = max(item.last_modified for item in whole or items)
            yield StoredEntry(key, newest, sum(item.size_bytes for item in rows))


def _has_numbers(name: str) -> bool:
    return read_part_name(name, 0) is not None or read_series_name(name) is not None


def _path(key: ResultKey, name: str) -> str:
    return f"{FOLDER}/{key.namespace}/{key.uid}/{name}"


def _name(key: ResultKey, item: StoredObject) -> str:
    """Return an object's name within its sweep."""
    return item.path.removeprefix(_path(key, ""))
