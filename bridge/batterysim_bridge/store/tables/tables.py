"""What keeping sweeps means, and how they are kept on a volume.

    sweeps/<namespace>/<uid>/sweep.json                      the sweep: its names and its spec
    sweeps/<namespace>/<uid>/points/shard=0/part-0.parquet   rows of the table
    sweeps/<namespace>/<uid>/series/point-7.parquet          the whole result of a point
    sweeps/<namespace>/<uid>/shards/0.json                   how far a shard is; 0.over.json: it has ended
    sweeps/<namespace>/<uid>/manifest.json                   last: the table is whole

pandas, polars, duckdb and pyarrow.dataset read `points` as one table. A part appears whole, and never
changes.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from batterysim_bridge.store.incoming import Incoming, fsync
from batterysim_bridge.store.inventory import inventory
from batterysim_bridge.store.store import ResultKey, StoredEntry

FOLDER = "sweeps"
SWEEP_FILE = "sweep.json"
MANIFEST_FILE = "manifest.json"
SERIES = re.compile(r"series/point-(\d{1,9})\.parquet")
PART = re.compile(r"points/shard=(\d{1,9})/part-(\d{1,9})\.parquet")


class StoredPart(NamedTuple):
    """A part of a sweep's table. Parts sort by shard, then by number."""

    shard: int
    part: int
    size_bytes: int


class SweepStore(Protocol):
    """Keeps sweeps. Methods block, so call them in a thread; OSError means that the store is unavailable."""

    def incoming(self) -> AbstractContextManager[Path]:
        """Give a file to write a part into. It is gone at the end."""

    def add_part(self, key: ResultKey, shard: int, part: int, file: Path) -> bool:
        """Keep an incoming file for good, as a whole. False: another part is there, which stays."""

    def parts(self, key: ResultKey, shard: int | None = None) -> list[StoredPart]:
        """Return the parts of a sweep, or of one of its shards, in order."""

    def open_part(self, key: ResultKey, shard: int, part: int) -> BinaryIO:
        """Open a part for reading: seekable.

        Raises:
            FileNotFoundError: there is none.
        """

    def put_series(self, key: ResultKey, point: int, file: Path) -> None:
        """Keep an incoming file as the whole result of a point, in the place of one before."""

    def open_series(self, key: ResultKey, point: int) -> BinaryIO:
        """Open the whole result of a point for reading: seekable.

        Raises:
            FileNotFoundError: it is not kept.
        """

    def series(self, key: ResultKey) -> dict[int, int]:
        """Return the sizes in bytes of the results that are kept whole, by the numbers of their points."""

    def remove_series(self, key: ResultKey, point: int) -> None:
        """Keep the whole result of a point no longer."""

    def write(self, key: ResultKey, name: str, content: bytes) -> None:
        """Write a document of a sweep, over the one before."""

    def read(self, key: ResultKey, name: str) -> bytes | None:
        """Return a document of a sweep; None if there is none."""

    def shard_documents(self, key: ResultKey) -> list[str]:
        """Return the names of the documents of a sweep's shards."""

    def remove(self, key: ResultKey) -> bool:
        """Forget a sweep. Tells whether there was one."""

    def entries(self) -> Iterator[StoredEntry]:
        """List what is stored."""


def part_name(shard: int, part: int) -> str:
    """Return the name of a part within its sweep."""
    return f"points/shard={shard}/part-{part}.parquet"


def shard_document(shard: int, *, is_over: bool) -> str:
    """Return the name of the document that says how far a shard is."""
    return f"shards/{shard}.over.json" if is_over else f"shards/{shard}.json"


def read_part_name(name: str, size_bytes: int) -> StoredPart | None:
    """Return the part of this name; None: it is none."""
    found = PART.fullmatch(name)
    return None if found is None else StoredPart(int(found[1]), int(found[2]), size_bytes)


def series_name(point: int) -> str:
    """Return the name of the whole result of a point within its sweep."""
    return f"series/point-{point}.parquet"


def read_series_name(name: str) -> int | None:
    """Return the point whose result has this name; None: it is none."""
    found = SERIES.fullmatch(name)
    return None if found is None else int(found[1])


class DirectorySweepStore:
    """Keeps sweeps under `root`, on the volume of the results."""

    def __init__(self, root: Path) -> None:
        self._root = root / FOLDER
        self._root.mkdir(parents=True, exist_ok=True)
        self._incoming = Incoming(root)

    def incoming(self) -> AbstractContextManager[Path]:
        """See SweepStore."""
        return self._incoming.file("part.parquet")

    def add_part(self, key: ResultKey, shard: int, part: int, file: Path) -> bool:
        """See SweepStore."""
        target = self._directory(key) / part_name(shard, part)
        target.parent.mkdir(parents=True, exist_ok=True)
        fsync(file)
        try:
            target.hardlink_to(file)  # unlike a rename, it replaces nothing
        except FileExistsError:
            return _sha256(target) == _sha256(file)
        fsync(target.parent)
        return True

    def parts(self, key: ResultKey, shard: int | None = None) -> list[StoredPart]:
        """See SweepStore."""
        directory = self._directory(key)
        pattern = f"points/shard={'*' if shard is None else shard}/part-*.parquet"
        found = [
            read_part_name(path.relative_to(directory).as_posix(), path.lstat().st_size)
            for path in directory.glob(pattern)
        ]
        return sorted(part for part in found if part is not None)

    def open_part(self, key: ResultKey, shard: int, part: int) -> BinaryIO:
        """See SweepStore."""
        return (self._directory(key) / part_name(shard, part)).open("rb")

    def put_series(self, key: ResultKey, point: int, file: Path) -> None:
        """See SweepStore."""
        target = self._directory(key) / series_name(point)
        target.parent.mkdir(parents=True, exist_ok=True)
        fsync(file)
        file.replace(target)
        fsync(target.parent)

    def open_series(self, key: ResultKey, point: int) -> BinaryIO:
        """See SweepStore."""
        return (self._directory(key) / series_name(point)).open("rb")

    def series(self, key: ResultKey) -> dict[int, int]:
        """See SweepStore."""
        directory = self._directory(key)
        found = {
            read_series_name(path.relative_to(directory).as_posix()): path.lstat().st_size
            for path in directory.glob("series/*")
        }
        return {point: size for point, size in found.items() if point is not None}

    def remove_series(self, key: ResultKey, point: int) -> None:
        """See SweepStore."""
        (self._directory(key) / series_name(point)).unlink(missing_ok=True)

    def write(self, key: ResultKey, name: str, content: bytes) -> None:
        """See SweepStore."""
        target = self._directory(key) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._incoming.file("document") as file:
            file.write_bytes(content)
            fsync(file)
            file.replace(target)

    def read(self, key: ResultKey, name: str) -> bytes | None:
        """See SweepStore."""
        try:
            return (self._directory(key) / name).read_bytes()
        except FileNotFoundError:
            return None

    def shard_documents(self, key: ResultKey) -> list[str]:
        """See SweepStore."""
        return sorted(f"shards/{path.name}" for path in (self._directory(key) / "shards").glob("*.json"))

    def remove(self, key: ResultKey) -> bool:
        """See SweepStore."""
        return self._incoming.remove(self._directory(key))

    def entries(self) -> Iterator[StoredEntry]:
        """See SweepStore."""
        return inventory(self._root, self._entry)

    def _entry(self, key: ResultKey) -> StoredEntry:
        size = sum(part.size_bytes for part in self.parts(key)) + sum(self.series(key).values())
        return StoredEntry(key, _changed_time(self._directory(key)), size)

    def _directory(self, key: ResultKey) -> Path:
        return self._root / key.namespace / key.uid


def _changed_time(directory: Path) -> datetime:
    """Return when a table became whole; of one that is not, when something was stored last."""
    manifest = directory / MANIFEST_FILE
    newest = (
        manifest.lstat()
        if manifest.exists()
        else max(
            (path.lstat() for path in (directory, *directory.glob("points/*"))),
            key=lambda stat: stat.st_mtime,
        )
    )
    return datetime.fromtimestamp(newest.st_mtime, UTC)


def _sha256(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()
