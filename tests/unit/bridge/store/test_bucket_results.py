"""What is a bucket's own: which request comes when, and what becomes of an answer that is lost."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest

from batterysim_bridge.store.bucket import Bucket
from batterysim_bridge.store.bucket_results import ObjectStore
from batterysim_bridge.store.store import RECORD_FILE, ResultKey

from ..builders import NAMESPACE, NOON, UID, put, record, stored_bytes

KEY = ResultKey(NAMESPACE, UID)
FOLDER = f"results/{NAMESPACE}/{UID}"
FIRST, SECOND = b"the first", b"the second"
IN_TWO_DAYS = datetime.now(UTC) + timedelta(days=2)


class CrashError(Exception):
    """The process ends here."""


class CrashingBucket:
    """Lets some requests pass. Instead of the next one, the process ends."""

    def __init__(self, bucket: Bucket, requests: int) -> None:
        self._bucket = bucket
        self._left = requests

    def __getattr__(self, name: str) -> object:
        request = getattr(self._bucket, name)

        def ask(*arguments: object) -> object:
            if self._left == 0:
                raise CrashError
            self._left -= 1
            return request(*arguments)

        return ask


class ForgetfulBucket:
    """Creates what it is asked to, but the answer is lost; asked again, it says that there is one."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def create(self, path: str, content: bytes) -> bool:
        self._bucket.create(path, content)
        return self._bucket.create(path, content)

    def __getattr__(self, name: str) -> object:
        return getattr(self._bucket, name)


@pytest.fixture
def store(bucket, tmp_path):
    return ObjectStore(bucket, tmp_path)


def names(bucket):
    return {item.path.removeprefix(FOLDER + "/") for item in bucket.objects("")}


def test_a_result_is_two_objects(store, bucket):
    put(store, FIRST)

    sha256 = record(FIRST).sha256
    assert names(bucket) == {"record.json", f"20261124T120000.000000Z-{sha256[:16]}.parquet"}


@pytest.mark.parametrize(("requests", "left"), [(0, None), (1, None), (2, None), (3, FIRST)])
def test_a_crash_at_any_request_of_a_commit_leaves_nothing_or_everything(
    store, bucket, tmp_path, requests, left
):
    crashing = ObjectStore(CrashingBucket(bucket, requests), tmp_path / "crashing")
    if left is None:
        with pytest.raises(CrashError):
            put(crashing, FIRST)
    else:
        put(crashing, FIRST)

    assert stored_bytes(store, KEY) == left
    winner = FIRST if left else SECOND
    assert put(store, SECOND) == record(winner)
    store.clean(IN_TWO_DAYS)
    assert len(names(bucket)) == 2
    assert stored_bytes(store, KEY) == winner


@pytest.mark.parametrize(("requests", "left"), [(0, FIRST), (1, FIRST), (2, None), (3, None), (4, None)])
def test_a_crash_at_any_request_of_a_removal_leaves_nothing_or_everything(
    store, bucket, tmp_path, requests, left
):
    put(store, FIRST)
    crashing = ObjectStore(CrashingBucket(bucket, requests), tmp_path / "crashing")

    with suppress(CrashError):
        crashing.remove(KEY)

    assert stored_bytes(store, KEY) == left
    store.clean(IN_TWO_DAYS)
    assert len(names(bucket)) == (2 if left else 0)


def test_a_result_whose_answer_was_lost_is_kept(store, bucket, tmp_path):
    forgetful = ObjectStore(ForgetfulBucket(bucket), tmp_path / "forgetful")

    assert put(forgetful, FIRST) == record(FIRST)
    assert stored_bytes(store, KEY) == FIRST


def test_what_replaces_half_a_result_is_not_replaced_itself(store, bucket):
    """Two replicas find half a result; the second one to replace it gets the first one's."""
    path = f"{FOLDER}/{RECORD_FILE}"
    bucket.create(path, record(b"lost").model_dump_json(by_alias=True).encode())
    half = bucket.find(path)
    put(store, FIRST)

    assert bucket.replace(path, b"{}", half.tag) is False
    assert put(store, SECOND) == record(FIRST)


def test_a_content_beside_a_whole_result_is_a_leftover(store, bucket, tmp_path):
    put(store, FIRST)
    whole = names(bucket)
    (tmp_path / "content").write_bytes(SECOND)
    bucket.upload(f"{FOLDER}/loser.parquet", tmp_path / "content", "text/plain")

    assert store.clean(datetime.now(UTC)) == 0
    assert store.clean(IN_TWO_DAYS) == 1
    assert names(bucket) == whole


def test_a_record_without_its_content_is_a_leftover(store, bucket):
    bucket.create(f"{FOLDER}/{RECORD_FILE}", record(FIRST).model_dump_json(by_alias=True).encode())

    assert store.clean(IN_TWO_DAYS) == 1
    assert names(bucket) == set()


def test_what_is_no_result_is_neither_listed_nor_removed(store, bucket):
    for path in ("results/notes", f"results/Lab/{UID}/record.json", f"results/{NAMESPACE}/a/b/c", "other/x"):
        bucket.create(path, b"mine")

    assert list(store.entries()) == []
    assert store.clean(IN_TWO_DAYS) == 0


def test_a_time_is_the_same_in_any_zone(store):
    """The record comes back in UTC, and its content has to be found then, too."""
    in_tokyo = record(FIRST).model_copy(
        update={"received_time": NOON.astimezone(timezone(timedelta(hours=9)))}
    )
    with store.incoming() as file:
        file.write_bytes(FIRST)
        store.commit(file, in_tokyo)

    assert stored_bytes(store, KEY) == FIRST


def test_a_corner_of_the_bucket_is_a_store_of_its_own(store, bucket_settings, tmp_path):
    put(store, FIRST)

    other = Bucket.connect(bucket_settings.model_copy(update={"prefix": "elsewhere"}))

    assert ObjectStore(other, tmp_path).find(KEY) is None
