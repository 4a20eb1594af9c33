"""What keeping results means. `DirectoryStore` keeps them on a volume, `ObjectStore` in a bucket."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO, NamedTuple, Protocol

from pydantic import Field

from batterysim.contract import Report
from batterysim.kubernetes_names import LABEL_PATTERN
from batterysim.results import ResultMetadata

RESULT_FILE = "result.parquet"
RECORD_FILE = "record.json"
# Readers read at least so much at a time, because each time may be a request over the network.
READ_AHEAD_BYTES = 1 << 18

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class ResultKey:
    """Which result: that of the simulation with this UID. Safe to build a path from.

    Raises:
        ValueError: the namespace is no DNS label, or the UID no UUID.
    """

    namespace: str
    uid: str

    def __post_init__(self) -> None:
        if not re.fullmatch(LABEL_PATTERN, self.namespace) or self.namespace.endswith("\n"):
            raise ValueError(f"namespace {self.namespace!r} is not a DNS label")
        if not _UUID.fullmatch(self.uid):
            raise ValueError(f"uid {self.uid!r} is not a UUID")


class ResultRecord(Report):
    """The record of a stored result, next to its file."""

    namespace: str
    """Namespace of the simulation."""
    name: str
    """Name of the simulation."""
    uid: str
    """UID of the simulation."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the file, in hexadecimal."""
    size_bytes: Annotated[int, Field(ge=0)]
    """Size of the file."""
    rows: Annotated[int, Field(ge=0)]
    """Number of points in time."""
    metadata: ResultMetadata
    """What the file says about itself."""
    received_time: datetime
    """When the bridge began to receive the result."""
    stored_time: datetime
    """The result was whole and checked, and about to be made durable."""

    @property
    def key(self) -> ResultKey:
        """Where it is in the store."""
        return ResultKey(self.namespace, self.uid)


class StoredEntry(NamedTuple):
    """A line of the store's inventory."""

    key: ResultKey
    stored_time: datetime
    size_bytes: int


class ResultStore(Protocol):
    """Keeps results. Methods block, so call them in a thread; OSError means that the store is unavailable."""

    def incoming(self) -> AbstractContextManager[Path]:
        """Give a file to write a result into. It is gone at the end, unless committed."""

    def commit(self, file: Path, record: ResultRecord) -> ResultRecord:
        """Keep an incoming file for good, durably and as a whole, with its record.

        Returns the record that is stored: that of an earlier result, if there was one. The first wins.
        """

    def find(self, key: ResultKey) -> ResultRecord | None:
        """Return the record of a stored result."""

    def open(self, record: ResultRecord) -> BinaryIO:
        """Open a stored result for reading: seekable, in constant memory, wherever it is kept.

        Raises:
            FileNotFoundError: it has been removed meanwhile.
        """

    def remove(self, key: ResultKey) -> bool:
        """Forget a result. Tells whether there was one."""

    def entries(self) -> Iterator[StoredEntry]:
        """List what is stored."""

    def sign(self, owner: str) -> None:
        """Note for good that a release keeps its results here. owner: an identifier without slashes."""

    def owners(self) -> frozenset[str]:
        """Return every release that has ever kept its results here."""

    def cleanups(self, owner: str) -> int:
        """Return how many cleanups a release has noted here. OSError: also when the note cannot be read."""

    def note_cleanups(self, owner: str, count: int) -> None:
        """Note how many cleanups a release that has signed has made."""

    def clean(self, now: datetime) -> int:
        """Remove what crashed uploads have left behind. Returns how many."""

    def check(self) -> None:
        """Return if results can be stored."""
