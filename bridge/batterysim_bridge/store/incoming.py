"""Uploads under way: local files that are gone at the end, unless they were moved to where they are kept.

<root>/.incoming/<random>/<name>
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

INCOMING_DIR = ".incoming"
# Longer than an upload may stall, so that no live upload of another replica is taken for a leftover.
LEFTOVER_AGE = timedelta(minutes=10)


class Incoming:
    """Gives out files under `root`, which is created if necessary."""

    def __init__(self, root: Path) -> None:
        self._directory = root / INCOMING_DIR
        self._directory.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """Give the path of a file that is not there yet, in a directory of its own."""
        directory = Path(tempfile.mkdtemp(dir=self._directory))
        try:
            yield directory / name
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def remove(self, directory: Path) -> bool:
        """Remove a directory that is kept. Tells whether it was there."""
        # Out of sight by one rename, so that nobody sees half of what is in it.
        with self.file("removed") as trash:
            try:
                directory.rename(trash)
            except FileNotFoundError:
                return False
        return True

    def clean(self, now: datetime) -> int:
        """Remove what crashes have left behind. Returns how many."""
        removed = 0
        for directory in subdirectories(self._directory):
            with contextlib.suppress(FileNotFoundError):
                if now - _last_change(directory) > LEFTOVER_AGE:
                    shutil.rmtree(directory)
                    removed += 1
        return removed

    def check(self) -> None:
        """Return if files can be written."""
        with self.file("check") as file:
            file.write_bytes(b"\0")


def subdirectories(path: Path) -> list[Path]:
    """Return the directories in a directory, sorted; none if it is not there."""
    try:
        with os.scandir(path) as found:
            return sorted(Path(entry.path) for entry in found if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []


def fsync(path: Path) -> None:
    """Return when a file or directory is on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _last_change(directory: Path) -> datetime:
    newest = max(path.lstat().st_mtime for path in (directory, *directory.iterdir()))
    return datetime.fromtimestamp(newest, UTC)
