"""Whatever happens, the store has a whole result or none."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batterysim_bridge import directory_store
from batterysim_bridge.directory_store import LEFTOVER_AGE, DirectoryStore
from batterysim_bridge.store import ResultKey, ResultRecord

from .builders import NAMESPACE, OTHER_UID, UID, files_under, record

KEY = ResultKey(NAMESPACE, UID)
FIRST, SECOND = b"the first", b"the second"


def put(store: DirectoryStore, content: bytes, uid: str = UID) -> ResultRecord:
    with store.incoming() as file:
        file.write_bytes(content)
        return store.commit(file, record(content, uid))


def test_what_was_stored_is_found_by_another_process(store, tmp_path):
    put(store, FIRST)

    other = DirectoryStore(tmp_path / "store")

    assert other.find(KEY) == record(FIRST)
    assert other.file(KEY).read_bytes() == FIRST


def test_what_was_not_stored_is_not_found(store):
    assert store.find(KEY) is None


def test_the_first_result_wins(store):
    put(store, FIRST)

    assert put(store, SECOND) == record(FIRST)
    assert store.file(KEY).read_bytes() == FIRST


def test_an_upload_that_is_not_committed_leaves_nothing(store, tmp_path):
    with store.incoming() as file:
        file.write_bytes(FIRST)

    assert files_under(tmp_path) == set()


def test_a_crash_at_any_moment_leaves_nothing_or_everything(store, tmp_path, monkeypatch):
    crashed = []

    def take_snapshot(_: Path) -> None:
        crashed.append(tmp_path / f"crashed-{len(crashed)}")
        shutil.copytree(tmp_path / "store", crashed[-1])

    monkeypatch.setattr(directory_store, "_fsync", take_snapshot)
    put(store, FIRST)
    monkeypatch.undo()

    # The syncs are of file, record, their directory, the root, and last of the namespace's directory.
    assert [DirectoryStore(root).find(KEY) for root in crashed] == [None] * 4 + [record(FIRST)]
    assert [put(DirectoryStore(root), SECOND) for root in crashed] == [record(SECOND)] * 4 + [record(FIRST)]


def test_everything_is_on_disk_before_the_result_appears(store, monkeypatch):
    synced = []

    def note(path: Path) -> None:
        synced.append((path.name, store.find(KEY) is not None))

    monkeypatch.setattr(directory_store, "_fsync", note)
    put(store, FIRST)

    (file, record_file, _directory, _root, namespace) = synced
    assert file == ("result.parquet", False)
    assert record_file == ("record.json", False)
    assert namespace == (NAMESPACE, True)


@pytest.mark.parametrize("missing", ["record.json", "result.parquet"])
def test_half_a_result_is_none_and_gives_way_to_a_whole_one(store, missing):
    put(store, FIRST)
    (store.file(KEY).parent / missing).unlink()

    assert store.find(KEY) is None
    assert put(store, SECOND) == record(SECOND)
    assert store.find(KEY) == record(SECOND)


def test_a_removed_result_is_gone_and_removing_it_again_is_no_error(store, tmp_path):
    put(store, FIRST)

    assert store.remove(KEY) is True
    assert store.remove(KEY) is False
    assert files_under(tmp_path) == set()


def test_the_inventory_has_each_result_and_nothing_else(store, tmp_path):
    put(store, FIRST)
    put(store, SECOND, OTHER_UID)
    (tmp_path / "store" / "lost+found").mkdir()
    (tmp_path / "store" / NAMESPACE / "notes").mkdir()

    assert {(entry.key, entry.size_bytes) for entry in store.entries()} == {
        (KEY, len(FIRST)),
        (ResultKey(NAMESPACE, OTHER_UID), len(SECOND)),
    }


def test_leftovers_of_a_crash_are_removed_but_not_uploads_under_way(store, tmp_path):
    for name, age in (("crashed", LEFTOVER_AGE * 2), ("under-way", timedelta(seconds=1))):
        file = tmp_path / "store" / ".incoming" / name / "result.parquet"
        file.parent.mkdir()
        file.write_bytes(FIRST)
        then = (datetime.now(UTC) - age).timestamp()
        os.utime(file, (then, then))
        os.utime(file.parent, (then, then))

    assert store.clean(datetime.now(UTC)) == 1
    assert files_under(tmp_path / "store" / ".incoming") == {"under-way/result.parquet"}


@pytest.mark.parametrize("name", ["record.json", "result.parquet"])
def test_symbolic_links_are_not_followed(store, tmp_path, name):
    put(store, FIRST)
    inside = store.file(KEY).parent / name
    outside = tmp_path / "outside"
    shutil.move(inside, outside)
    inside.symlink_to(outside)

    assert store.find(KEY) is None


@pytest.mark.parametrize(
    ("namespace", "uid"),
    [
        ("..", UID),
        ("a/b", UID),
        ("", UID),
        ("Default", UID),
        (".incoming", UID),
        ("a" * 64, UID),
        (NAMESPACE, ".."),
        (NAMESPACE, "../" + UID),
        (NAMESPACE, UID + "\n"),
        (NAMESPACE, UID.upper()),
        (NAMESPACE, ""),
    ],
)
def test_a_key_cannot_leave_the_store(namespace, uid):
    with pytest.raises(ValueError, match="is not a"):
        ResultKey(namespace, uid)


def test_a_store_that_cannot_be_written_to_is_not_well(store, tmp_path):
    store.check()
    shutil.rmtree(tmp_path / "store")

    with pytest.raises(OSError, match="No such file"):
        store.check()
