"""Results in a directory, such as a mounted volume.

    <root>/<namespace>/<uid>/result.parquet
    <root>/<namespace>/<uid>/record.json
    <root>/.incoming/<random>/…              uploads under way, and results being removed
    <root>/.owners/<UID>                     a release that keeps its results here

A result appears by one rename of its whole directory, after everything in it is on disk. So a crash at
any point leaves either nothing or a whole result, and of two replicas that store the same result one wins.
"""

import errno
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from batterysim_bridge.store.cleanups import read_cleanups, write_cleanups
from batterysim_bridge.store.incoming import Incoming, fsync
from batterysim_bridge.store.inventory import inventory
from batterysim_bridge.store.store import RECORD_FILE, RESULT_FILE, ResultKey, ResultRecord, StoredEntry

OWNERS = ".owners"


class DirectoryStore:
    """Keeps results under `root`, which is created if necessary."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = Incoming(root)

    def incoming(self) -> AbstractContextManager[Path]:
        """See ResultStore."""
        return self._incoming.file(RESULT_FILE)

    def commit(self, file: Path, record: ResultRecord) -> ResultRecord:
        """See ResultStore."""
        (file.parent / RECORD_FILE).write_text(record.model_dump_json(by_alias=True), encoding="utf-8")
        for path in (file, file.parent / RECORD_FILE, file.parent):
            fsync(path)
        target = self._directory(record.key)
        if not target.parent.exists():
            target.parent.mkdir(exist_ok=True)
            fsync(self._root)
        if not _rename_if_absent(file.parent, target):
            if (existing := self.find(record.key)) is not None:
                return existing
            # Half a result is none of our making; a whole one is better.
            self.remove(record.key)
            file.parent.rename(target)
        fsync(target.parent)
        return record

    def find(self, key: ResultKey) -> ResultRecord | None:
        """See ResultStore."""
        directory = self._directory(key)
        try:
            if not (_is_regular(directory / RECORD_FILE) and _is_regular(directory / RESULT_FILE)):
                return None
            text = (directory / RECORD_FILE).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return ResultRecord.model_validate_json(text)

    def open(self, record: ResultRecord) -> BinaryIO:
        """See ResultStore."""
        return (self._directory(record.key) / RESULT_FILE).open("rb")

    def remove(self, key: ResultKey) -> bool:
        """See ResultStore."""
        return self._incoming.remove(self._directory(key))

    def entries(self) -> Iterator[StoredEntry]:
        """See ResultStore."""
        return inventory(self._root, self._entry)

    def _entry(self, key: ResultKey) -> StoredEntry:
        directory = self._directory(key)
        stored_time = datetime.fromtimestamp((directory / RECORD_FILE).lstat().st_mtime, UTC)
        return StoredEntry(key, stored_time, (directory / RESULT_FILE).lstat().st_size)

    def sign(self, owner: str) -> None:
        """See ResultStore."""
        signature = self._root / OWNERS / owner
        if not signature.exists():
            signature.parent.mkdir(parents=True, exist_ok=True)
            signature.touch()
            fsync(signature.parent)

    def owners(self) -> frozenset[str]:
        """See ResultStore."""
        try:
            return frozenset(path.name for path in (self._root / OWNERS).iterdir())
        except FileNotFoundError:
            return frozenset()

    def cleanups(self, owner: str) -> int:
        """See ResultStore."""
        try:
            return read_cleanups((self._root / OWNERS / owner).read_bytes())
        except FileNotFoundError:
            return 0

    def note_cleanups(self, owner: str, count: int) -> None:
        """See ResultStore."""
        with self._incoming.file("sweeps") as file:
            file.write_bytes(write_cleanups(count))
            file.replace(self._root / OWNERS / owner)

    def clean(self, now: datetime) -> int:
        """See ResultStore."""
        return self._incoming.clean(now)

    def check(self) -> None:
        """See ResultStore."""
        self._incoming.check()

    def _directory(self, key: ResultKey) -> Path:
        return self._root / key.namespace / key.uid


def _rename_if_absent(source: Path, target: Path) -> bool:
    try:
        source.rename(target)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    return True


def _is_regular(path: Path) -> bool:
    """Tell a file from anything else, symbolic links included: nothing of ours is one."""
    return stat.S_ISREG(path.lstat().st_mode)
