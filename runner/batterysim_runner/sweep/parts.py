"""The parts of a table in a directory: what has been solved stays, whatever happens to the process.

    sweep.json                     what the parts are of
    points/shard=0/part-0.parquet  the rows that ended first, in the order in which they did

pandas, polars, duckdb and pyarrow.dataset read `points` as one table, also while the sweep goes on.
"""

import contextlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

ABOUT = "sweep.json"
POINTS = "points"
SHARD = Path(POINTS, "shard=0")
_PART = re.compile(r"part-(\d+)\.parquet")


class PartStore(Protocol):
    """Where parts of a table are kept."""

    def add(self, content: bytes) -> None:
        """Store a part, whole or not at all."""

    def tables(self) -> list[pa.Table]:
        """Return the parts, in the order in which they were stored. Arrow starts threads to read them."""

    @property
    def is_empty(self) -> bool:
        """Whether there are none."""


class PartsError(Exception):
    """The parts in a directory cannot be gone on from. The message is for a person and says what to do."""


class Parts:
    """Parts in a directory.

    about: all that decides the rows.

    Raises:
        PartsError: those that are there are of another sweep, or of another version.
    """

    def __init__(self, directory: Path, about: Mapping[str, Any]) -> None:
        self._directory = directory
        file = directory / ABOUT
        text = json.dumps(about, sort_keys=True)
        if file.exists() and file.read_text(encoding="utf-8") != text and self._files():
            raise PartsError(
                f"{directory} has the points of an unfinished sweep that was another one, or of another "
                "version: move it, or remove it to begin at the beginning"
            )
        (directory / SHARD).mkdir(parents=True, exist_ok=True)
        write_whole(file, text.encode())
        self._count = len(self._files())

    def add(self, content: bytes) -> None:
        """Store a part, whole or not at all."""
        write_whole(self._directory / SHARD / f"part-{self._count}.parquet", content)
        self._count += 1

    def tables(self) -> list[pa.Table]:
        """Return the parts, in the order in which they were stored. Arrow starts threads to read them."""
        return [pq.ParquetFile(file).read() for file in self._files()]

    @property
    def is_empty(self) -> bool:
        """Whether there are none."""
        return self._count == 0

    def remove(self) -> None:
        """Remove them all."""
        shutil.rmtree(self._directory / POINTS, ignore_errors=True)
        (self._directory / ABOUT).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody else has put something into it
            self._directory.rmdir()

    def _files(self) -> list[Path]:
        found = [(_PART.fullmatch(file.name), file) for file in (self._directory / SHARD).glob("*")]
        return [file for _, file in sorted((int(name[1]), file) for name, file in found if name)]


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    with unfinished.open("wb") as file:
        file.write(content)
        os.fsync(file.fileno())
    unfinished.replace(path)
