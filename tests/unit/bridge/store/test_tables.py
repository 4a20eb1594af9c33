"""Tables of sweeps, on a volume and in a bucket: parts that are whole and never change."""

from pathlib import Path

import pyarrow.dataset
import pytest

from batterysim_bridge.store.bucket import Bucket
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.tables.bucket import ObjectSweepStore
from batterysim_bridge.store.tables.tables import (
    MANIFEST_FILE,
    DirectorySweepStore,
    StoredPart,
    SweepStore,
    shard_document,
)

from ..fake_sweeps import NAMESPACE, SWEEP_UID, part

KEY = ResultKey(NAMESPACE, SWEEP_UID)


@pytest.fixture(params=["directory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SweepStore:
    if request.param == "directory":
        return DirectorySweepStore(tmp_path)
    bucket: Bucket = request.getfixturevalue("bucket")
    return ObjectSweepStore(bucket, tmp_path)


def add(store: SweepStore, shard: int, number: int, content: bytes) -> bool:
    with store.incoming() as file:
        file.write_bytes(content)
        return store.add_part(KEY, shard, number, file)


def test_parts_come_in_order(store: SweepStore) -> None:
    content = part(1, 2)
    for shard, number in ((10, 0), (2, 10), (2, 9)):
        assert add(store, shard, number, content)

    assert store.parts(KEY) == [
        StoredPart(shard, number, len(content)) for shard, number in ((2, 9), (2, 10), (10, 0))
    ]
    assert store.parts(KEY, 2) == store.parts(KEY)[:2]
    with store.open_part(KEY, 10, 0) as file:
        assert file.read() == content


def test_the_same_part_again_is_the_same_and_another_one_changes_nothing(store: SweepStore) -> None:
    add(store, 0, 0, part(1))

    assert add(store, 0, 0, part(1))
    assert not add(store, 0, 0, part(2))

    with store.open_part(KEY, 0, 0) as file:
        assert file.read() == part(1)


def keep(store: SweepStore, point: int, content: bytes) -> None:
    with store.incoming() as file:
        file.write_bytes(content)
        store.put_series(KEY, point, file)


def test_whole_results_are_kept_and_given_up_one_by_one(store: SweepStore) -> None:
    for point, content in ((7, b"seven"), (12, b"twelve"), (7, b"seven again")):
        keep(store, point, content)

    assert store.series(KEY) == {7: len(b"seven again"), 12: len(b"twelve")}
    with store.open_series(KEY, 7) as file:
        assert file.read() == b"seven again"
    store.remove_series(KEY, 7)
    with pytest.raises(FileNotFoundError):
        store.open_series(KEY, 7)
    assert store.series(KEY) == {12: len(b"twelve")}


def test_documents_are_written_over(store: SweepStore) -> None:
    for content in (b"1", b"2"):
        store.write(KEY, shard_document(3, is_over=False), content)

    assert store.read(KEY, shard_document(3, is_over=False)) == b"2"
    assert store.read(KEY, MANIFEST_FILE) is None
    assert store.shard_documents(KEY) == ["shards/3.json"]


def test_the_inventory_has_the_size_of_all_parts_and_results(store: SweepStore) -> None:
    add(store, 0, 0, part(1))
    add(store, 1, 0, part(2, 3))
    keep(store, 2, b"a result")
    store.write(KEY, MANIFEST_FILE, b"{}")

    (entry,) = store.entries()

    assert (entry.key, entry.size_bytes) == (KEY, len(part(1)) + len(part(2, 3)) + len(b"a result"))


def test_a_removed_table_leaves_nothing(store: SweepStore) -> None:
    add(store, 0, 0, part(1))
    keep(store, 0, b"a result")
    store.write(KEY, MANIFEST_FILE, b"{}")

    assert store.remove(KEY)
    assert not store.remove(KEY)
    assert (store.parts(KEY), list(store.entries()), store.read(KEY, MANIFEST_FILE)) == ([], [], None)
    assert store.series(KEY) == {}


def test_others_read_the_points_as_one_table(tmp_path: Path) -> None:
    store = DirectorySweepStore(tmp_path)
    add(store, 0, 0, part(1, 0))
    add(store, 1, 0, part(2))

    table = pyarrow.dataset.dataset(
        tmp_path / "sweeps" / NAMESPACE / SWEEP_UID / "points", partitioning="hive"
    ).to_table()

    assert sorted(table["point"].to_pylist()) == [0, 1, 2]
