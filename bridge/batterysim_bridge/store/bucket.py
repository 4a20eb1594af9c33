"""A bucket of an object store that speaks S3: the calls that the stores need, and their errors as OSError.

The only module that knows obstore. It is imported when a bucket is used, and not before.
"""

import io
import logging
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from batterysim_bridge.store.object_file import ObjectFile
from batterysim_bridge.store.settings import BucketSettings
from batterysim_bridge.store.store import READ_AHEAD_BYTES

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta
    from obstore.store import ClientConfig, S3Config

# The smallest that S3 allows, one at a time: several uploads at once have to fit into little memory.
PART_BYTES = 5 << 20
PARTS_AT_ONCE = 1
LIST_CHUNK = 1000
CHECK_FOLDER = "check"
# Together less than a runner waits for its answer.
REQUEST_TIMEOUT = timedelta(seconds=30)
RETRY_TIMEOUT = timedelta(seconds=20)
MAX_RETRIES = 4

_ERROR_PARTS = re.compile("<(?:Code|Message)>(.*?)</")
# Not of a bucket or of keys, which are also said to be not found. An answer to HEAD gives no reason.
_NO_OBJECT = re.compile("NoSuchKey|404 Not Found:$")

logger = logging.getLogger(__name__)


class StoredObject(NamedTuple):
    """An object, as a listing shows it."""

    path: str
    size_bytes: int
    last_modified: datetime
    tag: str | None
    """Another one whenever the object is written."""


class Bucket:
    """The objects under a prefix of a bucket. Methods block; OSError means that the store is unavailable."""

    def __init__(self, store: S3Store) -> None:
        self._store = store
        self._is_trusted = False

    @classmethod
    def connect(cls, settings: BucketSettings) -> "Bucket":
        """Return a bucket. The keys are those of AWS_ACCESS_KEY_ID and its like, or the cloud gives them."""
        # Not every server has the call that deletes several objects at once.
        config: S3Config = {"disable_bulk_delete": True}
        if settings.endpoint is not None:
            config["endpoint"] = settings.endpoint
        if settings.region is not None:
            config["region"] = settings.region
        client: ClientConfig = {"allow_http": settings.allow_http, "timeout": REQUEST_TIMEOUT}
        if settings.ca_file is not None:
            client["root_certificate"] = settings.ca_file.read_bytes()
        with _errors(f"use bucket {settings.bucket!r}"):
            store = S3Store(
                settings.bucket,
                prefix=settings.prefix or None,
                config=config,
                client_options=client,
                retry_config={"max_retries": MAX_RETRIES, "retry_timeout": RETRY_TIMEOUT},
            )
        return cls(store)

    def upload(self, path: str, file: Path, media_type: str) -> None:
        """Write an object from a file, over what is there; as a whole or not at all, in constant memory."""
        with _errors(f"write {path}"):
            obstore.put(
                self._store,
                path,
                file,
                attributes={"Content-Type": media_type},
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )

    def create(self, path: str, content: bytes) -> bool:
        """Write a small object if there is none. False: there is one.

        That may be this very one: if the answer to the first attempt was lost, the second one finds it.
        """
        try:
            with _errors(f"create {path}"):
                obstore.put(self._store, path, content, mode="create")
        except FileExistsError:
            return False
        return True

    def replace(self, path: str, content: bytes, tag: str | None) -> bool:
        """Write a small object in the place of the one with this tag. False: it exists already by now."""
        try:
            with _errors(f"replace {path}"):
                obstore.put(self._store, path, content, mode={"e_tag": tag})
        except (FileExistsError, FileNotFoundError):
            return False
        return True

    def read(self, path: str) -> bytes | None:
        """Return a small object; None if there is none."""
        try:
            with _errors(f"read {path}"):
                return bytes(obstore.get(self._store, path).bytes())
        except FileNotFoundError:
            return None

    def find(self, path: str) -> StoredObject | None:
        """Return what is known about an object; None if there is none."""
        try:
            with _errors(f"look for {path}"):
                return _stored_object(obstore.head(self._store, path))
        except FileNotFoundError:
            return None

    def open(self, found: StoredObject) -> BinaryIO:
        """Open an object for reading. If it is removed or replaced meanwhile, a read fails."""

        def read(start: int, length: int) -> memoryview:
            options: GetOptions = {"range": (start, start + length), "if_match": found.tag}
            with _errors(f"read {found.path}"):
                return memoryview(obstore.get(self._store, found.path, options=options).bytes())

        return io.BufferedReader(ObjectFile(read, found.size_bytes), READ_AHEAD_BYTES)

    def objects(self, folder: str) -> Iterator[StoredObject]:
        """List the objects in a folder, at any depth, in no order."""
        with _errors(f"list {folder}"):
            for chunk in obstore.list(self._store, folder, chunk_size=LIST_CHUNK):
                yield from map(_stored_object, chunk)

    def delete(self, paths: Iterable[str]) -> None:
        """Delete objects. One that is not there is no error."""
        for path in paths:
            with suppress(FileNotFoundError), _errors(f"delete {path}"):
                obstore.delete(self._store, path)

    def check(self) -> None:
        """Return if the bucket is there and can be read."""
        next(self.objects(CHECK_FOLDER), None)

    def trust(self) -> None:
        """Return if the bucket has ever passed `check_writing`, which it is asked to until it has.

        Raises:
            OSError: as `check_writing`.
        """
        if not self._is_trusted:
            self.check_writing()
            self._is_trusted = True

    def check_writing(self) -> None:
        """Return if objects can be written, and only once where that is asked for.

        Raises:
            OSError: says what is wrong. Some servers overwrite what they should refuse.
        """
        path = f"{CHECK_FOLDER}/{uuid.uuid4()}"
        self.create(path, b"first")
        was_overwritten = self.create(path, b"second")
        self.delete([path])
        if was_overwritten:
            raise OSError(
                "object store: it overwrites objects although it was asked not to (If-None-Match: *); "
                "use a server that supports conditional writes"
            )


def _stored_object(meta: "ObjectMeta") -> StoredObject:
    return StoredObject(meta["path"], meta["size"], meta["last_modified"], meta["e_tag"])


@contextmanager
def _errors(doing: str) -> Iterator[None]:
    """Turn obstore's errors into OSError. Addresses and whole answers go to the log, and not to clients."""
    try:
        yield
    except (AlreadyExistsError, PreconditionError) as error:
        raise FileExistsError(f"object store: cannot {doing}: another one is there") from error
    except (BaseError, FileNotFoundError) as error:
        reason = _in_short(str(error))
        if isinstance(error, FileNotFoundError) and _NO_OBJECT.search(reason):
            raise FileNotFoundError(f"object store: cannot {doing}: it does not exist") from error
        logger.warning("object store: cannot %s: %s", doing, " ".join(str(error).split()))
        raise OSError(f"object store: cannot {doing}: {reason}") from error


def _in_short(text: str) -> str:
    """Return what the server said, or at least what became of the request."""
    message = text.partition("\n\nDebug source")[0]
    said = _ERROR_PARTS.findall(message)
    return ": ".join(said) if said else message.rpartition(" - ")[2].strip()
