"""What is a directory's own: what is on disk when, and what else may lie about there."""

import shutil
from pathlib import Path

import pytest

from batterysim_bridge.store import directory as directory_store
from batterysim_bridge.store.directory import DirectoryStore
from batterysim_bridge.store.store import ResultKey

from ..builders import NAMESPACE, UID, put, record

KEY = ResultKey(NAMESPACE, UID)
FIRST, SECOND = b"the first", b"the second"


def test_a_crash_at_any_moment_leaves_nothing_or_everything(store, tmp_path, monkeypatch):
    crashed = []

    def take_snapshot(_: Path) -> None:
        crashed.append(tmp_path / f"crashed-{len(crashed)}")
        shutil.copytree(tmp_path / "store", crashed[-1])

    monkeypatch.setattr(directory_store, "fsync", take_snapshot)
    put(store, FIRST)
    monkeypatch.undo()

    # The syncs are of file, record, their directory, the root, and last of the namespace's directory.
    assert [DirectoryStore(root).find(KEY) for root in crashed] == [None] * 4 + [record(FIRST)]
    assert [put(DirectoryStore(root), SECOND) for root in crashed] == [record(SECOND)] * 4 + [record(FIRST)]


def test_everything_is_on_disk_before_the_result_appears(store, monkeypatch):
    synced = []

    def note(path: Path) -> None:
        synced.append((path.name, store.find(KEY) is not None))

    monkeypatch.setattr(directory_store, "fsync", note)
    put(store, FIRST)

    (file, record_file, _directory, _root, namespace) = synced
    assert file == ("result.parquet", False)
    assert record_file == ("record.json", False)
    assert namespace == (NAMESPACE, True)


def test_what_is_no_result_is_not_listed(store, tmp_path):
    (tmp_path / "store" / "lost+found").mkdir()
    (tmp_path / "store" / NAMESPACE / "notes").mkdir(parents=True)
    (tmp_path / "store" / NAMESPACE / UID).mkdir()

    assert list(store.entries()) == []


@pytest.mark.parametrize("name", ["record.json", "result.parquet"])
def test_symbolic_links_are_not_followed(store, tmp_path, name):
    put(store, FIRST)
    inside = tmp_path / "store" / NAMESPACE / UID / name
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
    shutil.rmtree(tmp_path / "store")

    with pytest.raises(OSError, match="No such file"):
        store.check()
