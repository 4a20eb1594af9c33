"""Results in a bucket of an object store.

    results/<namespace>/<uid>/<time received>-<start of the SHA-256>.parquet
    results/<namespace>/<uid>/record.json
    owners/<UID>                             a release that keeps its results here

A result is there once its record is, which is written last, and only if there is none: a crash at any point
leaves either nothing or a whole result, and of two replicas that store the same result one wins. Contents
have names of their own, so that the loser harms nobody by removing what it has uploaded.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim_bridge.store.bucket import Bucket, StoredObject
from batterysim_bridge.store.cleanups import read_cleanups, write_cleanups
from batterysim_bridge.store.incoming import Incoming
from batterysim_bridge.store.store import RECORD_FILE, RESULT_FILE, ResultKey, ResultRecord, StoredEntry

FOLDER = "results"
OWNERS = "owners"
# Far longer than an upload takes, so that none of another replica is taken for a leftover.
LEFTOVER_AGE = timedelta(days=1)


class ObjectStore:
    """Keeps results in a bucket. Uploads are in a directory first, to be checked."""

    def __init__(self, bucket: Bucket, directory: Path) -> None:
        self._bucket = bucket
        self._incoming = Incoming(directory)

    def incoming(self) -> AbstractContextManager[Path]:
        """See ResultStore."""
        return self._incoming.file(RESULT_FILE)

    def commit(self, file: Path, record: ResultRecord) -> ResultRecord:
        """See ResultStore."""
        self._bucket.trust()
        # When anything fails from here on the content stays, for the record may be there all the same: it
        # is for `clean`, if it is not.
        self._bucket.upload(_content_path(record), file, PARQUET_MEDIA_TYPE)
        winner = self._publish(record)
        if _content_path(winner) != _content_path(record):
            self._bucket.delete([_content_path(record)])
        return winner

    def _publish(self, record: ResultRecord) -> ResultRecord:
        """Write the record, unless a whole result is there. Returns the record that is there then."""
        path = _record_path(record.key)
        text = record.model_dump_json(by_alias=True).encode()
        while True:
            if self._bucket.create(path, text):
                return record
            before = self._bucket.find(path)
            existing = self.find(record.key)
            if existing is not None:
                return existing
            # Half a result is none of our making; a whole one is better.
            if before is not None and self._bucket.replace(path, text, before.tag):
                return record

    def find(self, key: ResultKey) -> ResultRecord | None:
        """See ResultStore."""
        record = self._record(key)
        return None if record is None or self._bucket.find(_content_path(record)) is None else record

    def _record(self, key: ResultKey) -> ResultRecord | None:
        text = self._bucket.read(_record_path(key))
        return None if text is None else ResultRecord.model_validate_json(text)

    def open(self, record: ResultRecord) -> BinaryIO:
        """See ResultStore."""
        path = _content_path(record)
        found = self._bucket.find(path)
        if found is None:
            raise FileNotFoundError(f"object store: {path} no longer exists")
        return self._bucket.open(found)

    def remove(self, key: ResultKey) -> bool:
        """See ResultStore."""
        path = _record_path(key)
        is_there = self._bucket.find(path) is not None
        # First, so that nobody sees half a result.
        self._bucket.delete([path])
        self._bucket.delete([item.path for item in self._bucket.objects(_folder(key))])
        return is_there

    def entries(self) -> Iterator[StoredEntry]:
        """See ResultStore. The size is that of all contents, until `clean` leaves one."""
        for key, objects in self._objects().items():
            contents = [item for item in objects if not _is_record(item)]
            for record in filter(_is_record, objects):
                if contents:
                    size = sum(item.size_bytes for item in contents)
                    yield StoredEntry(key, record.last_modified, size)

    def sign(self, owner: str) -> None:
        """See ResultStore."""
        self._bucket.create(f"{OWNERS}/{owner}", b"{}")

    def owners(self) -> frozenset[str]:
        """See ResultStore."""
        return frozenset(item.path.rpartition("/")[2] for item in self._bucket.objects(OWNERS))

    def cleanups(self, owner: str) -> int:
        """See ResultStore."""
        return read_cleanups(self._bucket.read(f"{OWNERS}/{owner}") or b"")

    def note_cleanups(self, owner: str, count: int) -> None:
        """See ResultStore."""
        path = f"{OWNERS}/{owner}"
        if (found := self._bucket.find(path)) is not None:
            self._bucket.replace(path, write_cleanups(count), found.tag)

    def clean(self, now: datetime) -> int:
        """See ResultStore."""
        removed = self._incoming.clean(now)
        for key, objects in self._objects().items():
            leftovers = [item.path for item in self._leftovers(key, objects) if _is_old(item, now)]
            self._bucket.delete(leftovers)
            removed += len(leftovers)
        return removed

    def _leftovers(self, key: ResultKey, objects: list[StoredObject]) -> list[StoredObject]:
        """Return what belongs to no whole result."""
        if len(objects) == 2 and any(map(_is_record, objects)):
            # As it should be. Most are, so not every record need be read.
            return []
        record = self._record(key)
        whole = set() if record is None else {_record_path(key), _content_path(record)}
        if not whole <= {item.path for item in objects}:
            whole = set()
        return [item for item in objects if item.path not in whole]

    def check(self) -> None:
        """See ResultStore."""
        self._incoming.check()
        self._bucket.trust()
        self._bucket.check()

    def _objects(self) -> dict[ResultKey, list[StoredObject]]:
        """List everything, by result."""
        found = defaultdict(list)
        for item in self._bucket.objects(FOLDER):
            # What has no such name is not ours.
            with suppress(ValueError):
                _, namespace, uid, _ = item.path.split("/")
                found[ResultKey(namespace, uid)].append(item)
        return found


def _folder(key: ResultKey) -> str:
    return f"{FOLDER}/{key.namespace}/{key.uid}"


def _record_path(key: ResultKey) -> str:
    return f"{_folder(key)}/{RECORD_FILE}"


def _content_path(record: ResultRecord) -> str:
    received = record.received_time.astimezone(UTC)
    return f"{_folder(record.key)}/{received:%Y%m%dT%H%M%S.%fZ}-{record.sha256[:16]}.parquet"


def _is_record(item: StoredObject) -> bool:
    return item.path.endswith("/" + RECORD_FILE)


def _is_old(item: StoredObject, now: datetime) -> bool:
    return now - item.last_modified > LEFTOVER_AGE
