"""What holds for every store, whatever happens: a whole result or none, and of several the first."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from batterysim import results
from batterysim_bridge.store.store import RECORD_FILE, RESULT_FILE, ResultKey, ResultRecord, ResultStore

from ..builders import NAMESPACE, OTHER_UID, SERIES, UID, parquet, put, record, stored_bytes
from ..store_places import Place

KEY = ResultKey(NAMESPACE, UID)
FIRST, SECOND = b"the first", b"the second"


@pytest.fixture
def store(place: Place) -> ResultStore:
    return place.replica()


def test_what_was_stored_is_found_by_another_replica(store, place):
    put(store, FIRST)

    assert place.replica().find(KEY) == record(FIRST)
    assert stored_bytes(place.replica(), KEY) == FIRST


def test_a_result_of_a_later_version_is_found_after_a_rollback(store, place):
    class LaterRecord(ResultRecord):
        new_field: str = "of the next version"

    with store.incoming() as file:
        file.write_bytes(FIRST)
        store.commit(file, LaterRecord(**dict(record(FIRST))))

    assert place.replica().find(KEY) == record(FIRST)


def test_what_was_not_stored_is_not_found(store):
    assert store.find(KEY) is None


def test_the_first_result_wins_and_nothing_is_left_of_the_second(store, place):
    put(store, FIRST)
    names = place.names()

    assert put(place.replica(), SECOND) == record(FIRST)
    assert stored_bytes(store, KEY) == FIRST
    assert place.names() == names


def test_the_same_result_stored_twice_is_there_once(store, place):
    put(store, FIRST)
    names = place.names()

    assert put(place.replica(), FIRST) == record(FIRST)
    assert stored_bytes(store, KEY) == FIRST
    assert place.names() == names


def test_of_many_replicas_one_wins_and_all_are_told_so(place):
    barrier = threading.Barrier(8)

    def race(number: int) -> ResultRecord:
        store = place.replica()
        barrier.wait()
        return put(store, f"result {number}".encode())

    with ThreadPoolExecutor(8) as replicas:
        (winner,) = {answer.model_dump_json() for answer in replicas.map(race, range(8))}

    store = place.replica()
    assert store.find(KEY).model_dump_json() == winner
    assert record(stored_bytes(store, KEY)).model_dump_json() == winner
    assert len(place.names()) == 2


def test_an_upload_that_is_not_committed_leaves_nothing(store, place):
    with store.incoming() as file:
        file.write_bytes(FIRST)

    assert place.names() == set()


@pytest.mark.parametrize("missing", [RECORD_FILE, RESULT_FILE])
def test_half_a_result_is_none_and_gives_way_to_a_whole_one(store, place, missing):
    put(store, FIRST)
    place.lose(KEY, missing)

    assert store.find(KEY) is None
    assert put(store, SECOND) == record(SECOND)
    assert stored_bytes(store, KEY) == SECOND


def test_a_removed_result_is_gone_and_removing_it_again_is_no_error(store, place):
    put(store, FIRST)

    assert place.replica().remove(KEY) is True
    assert store.remove(KEY) is False
    assert store.find(KEY) is None
    assert place.names() == set()


def test_a_result_that_was_removed_since_it_was_found_cannot_be_opened(store):
    found = put(store, FIRST)
    store.remove(KEY)

    with pytest.raises(FileNotFoundError):
        store.open(found)


def test_any_part_of_a_result_can_be_read(store):
    with store.open(put(store, b"0123456789")) as file:
        assert file.seek(-3, 2) == 7
        assert file.read() == b"789"
        assert file.seek(2) == 2
        assert file.read(3) == b"234"
        assert file.tell() == 5
        assert file.read(100) == b"56789"
        assert file.read(1) == b""


def test_a_large_result_comes_back_whole(store):
    content = bytes(range(256)) * 48 * 1024  # 12 MiB: three parts

    assert put(store, content).size_bytes == len(content)
    assert stored_bytes(store, KEY) == content


def test_columns_can_be_read_from_where_they_are(store):
    with store.open(put(store, parquet())) as file, pq.ParquetFile(file) as content:
        column = content.read([results.VOLTAGE.name])[results.VOLTAGE.name]

    assert column.to_pylist() == SERIES[results.VOLTAGE]


def test_the_inventory_has_each_result(store):
    put(store, FIRST)
    put(store, SECOND, OTHER_UID)

    entries = {entry.key: entry for entry in store.entries()}

    assert {key.uid: entry.size_bytes for key, entry in entries.items()} == {
        UID: len(FIRST),
        OTHER_UID: len(SECOND),
    }
    assert all(
        abs(datetime.now(UTC) - entry.stored_time) < timedelta(minutes=1) for entry in entries.values()
    )


def test_leftovers_of_a_crash_are_removed_but_not_uploads_under_way(store, place):
    put(store, FIRST)
    whole = place.names()
    place.leave_behind(SECOND)
    now = datetime.now(UTC)

    assert store.clean(now) == 0
    assert place.names() != whole
    assert store.clean(now + timedelta(days=2)) == 1
    assert place.names() == whole


def test_a_store_that_works_is_well(store):
    store.check()
