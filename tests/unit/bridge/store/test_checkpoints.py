"""What holds for every store of checkpoints: there is one for each run, and it is the newest."""

import pytest

from batterysim_bridge.store.bucket_checkpoints import ObjectCheckpointStore
from batterysim_bridge.store.checkpoints import CheckpointStore, DirectoryCheckpointStore
from batterysim_bridge.store.store import ResultKey

from ..builders import NAMESPACE, OTHER_UID, UID, files_under, parquet, put

KEY = ResultKey(NAMESPACE, UID)


@pytest.fixture(params=["directory", "bucket"])
def checkpoints(request, tmp_path) -> CheckpointStore:
    if request.param == "directory":
        return DirectoryCheckpointStore(tmp_path / "store")
    return ObjectCheckpointStore(request.getfixturevalue("bucket"), tmp_path / "store")


def save(checkpoints: CheckpointStore, content: bytes, key: ResultKey = KEY) -> None:
    with checkpoints.incoming() as file:
        file.write_bytes(content)
        checkpoints.commit(file, key)


def content_of(checkpoints: CheckpointStore, key: ResultKey = KEY) -> bytes | None:
    file = checkpoints.open(key)
    if file is None:
        return None
    with file:
        return file.read()


def test_there_is_one_checkpoint_for_each_run(checkpoints):
    save(checkpoints, b"first")
    save(checkpoints, b"second")
    save(checkpoints, b"another", ResultKey(NAMESPACE, OTHER_UID))

    assert content_of(checkpoints) == b"second"
    assert {(entry.key.uid, entry.size_bytes) for entry in checkpoints.entries()} == {
        (UID, 6),
        (OTHER_UID, 7),
    }


def test_what_is_not_committed_leaves_nothing(checkpoints, tmp_path):
    with checkpoints.incoming() as file:
        file.write_bytes(b"half")

    assert files_under(tmp_path) == set()
    assert content_of(checkpoints) is None


def test_a_checkpoint_can_be_removed_once(checkpoints):
    save(checkpoints, b"content")

    assert checkpoints.remove(KEY)
    assert not checkpoints.remove(KEY)
    assert content_of(checkpoints) is None


def test_what_is_no_checkpoint_is_not_listed(tmp_path):
    checkpoints = DirectoryCheckpointStore(tmp_path)
    stray = tmp_path / ".checkpoints" / NAMESPACE / "notes.txt"
    stray.parent.mkdir()
    stray.write_text("mine")

    assert list(checkpoints.entries()) == []


def test_results_and_checkpoints_on_one_volume_do_not_see_each_other(store, tmp_path):
    checkpoints = DirectoryCheckpointStore(tmp_path / "store")
    save(checkpoints, b"content")
    put(store, parquet(), OTHER_UID)

    assert [entry.key.uid for entry in store.entries()] == [OTHER_UID]
    assert [entry.key.uid for entry in checkpoints.entries()] == [UID]


def test_it_survives_a_restart(tmp_path):
    save(DirectoryCheckpointStore(tmp_path), b"content")

    assert content_of(DirectoryCheckpointStore(tmp_path)) == b"content"
