"""What holds for every store of checkpoints: there is one for each run, and it is the newest."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from batterysim_bridge.store.bucket_checkpoints import ObjectCheckpointStore
from batterysim_bridge.store.checkpoints import CheckpointStore, DirectoryCheckpointStore
from batterysim_bridge.store.newest import LARGEST_CYCLE, EarlierCheckpointError, content_bytes
from batterysim_bridge.store.store import ResultKey

from ..builders import NAMESPACE, OTHER_UID, UID, files_under, parquet, put

KEY = ResultKey(NAMESPACE, UID)


@pytest.fixture(params=["directory", "bucket"])
def checkpoints(request, tmp_path) -> CheckpointStore:
    if request.param == "directory":
        return DirectoryCheckpointStore(tmp_path / "store")
    return ObjectCheckpointStore(request.getfixturevalue("bucket"), tmp_path / "store")


def save(
    checkpoints: CheckpointStore, content: bytes, key: ResultKey = KEY, cycle: int | None = None
) -> None:
    with checkpoints.incoming() as file:
        file.write_bytes(content)
        checkpoints.commit(file, key, cycle)


def content_of(checkpoints: CheckpointStore, key: ResultKey = KEY) -> bytes | None:
    file = checkpoints.open(key)
    if file is None:
        return None
    with file:
        size = content_bytes(file)
        file.seek(0)
        return file.read(size)


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


def test_one_of_an_earlier_cycle_does_not_take_its_place(checkpoints):
    """A pod that had begun at the beginning once overwrote cycle 500 by its first."""
    save(checkpoints, b"cycle 500", cycle=500)

    with pytest.raises(EarlierCheckpointError, match="cycle 1 is before cycle 500"):
        save(checkpoints, b"cycle 1", cycle=1)

    assert content_of(checkpoints) == b"cycle 500"
    save(checkpoints, b"cycle 1", ResultKey(NAMESPACE, OTHER_UID), cycle=1)
    assert content_of(checkpoints, ResultKey(NAMESPACE, OTHER_UID)) == b"cycle 1"


@pytest.mark.parametrize(
    ("kept", "comes"),
    [(500, 501), (500, 500), (500, None), (None, 1), (0, LARGEST_CYCLE)],
    ids=["later", "the same", "of a runner that does not say it", "after such a one", "the last"],
)
def test_any_other_does(checkpoints, kept, comes):
    save(checkpoints, b"before", cycle=kept)

    save(checkpoints, b"after", cycle=comes)

    assert content_of(checkpoints) == b"after"


def test_one_of_an_earlier_cycle_is_kept_after_the_later_was_removed(checkpoints):
    save(checkpoints, b"cycle 500", cycle=500)
    checkpoints.remove(KEY)

    save(checkpoints, b"cycle 1", cycle=1)

    assert content_of(checkpoints) == b"cycle 1"


def test_a_bridge_that_is_started_again_knows_the_cycle(tmp_path):
    save(DirectoryCheckpointStore(tmp_path), b"cycle 500", cycle=500)

    with pytest.raises(EarlierCheckpointError):
        save(DirectoryCheckpointStore(tmp_path), b"cycle 1", cycle=1)


def test_a_store_that_hangs_with_an_earlier_one_does_not_put_it_there_afterwards(tmp_path, monkeypatch):
    """The runner sends the next one when the first was not answered in time."""
    checkpoints = DirectoryCheckpointStore(tmp_path)
    hangs, goes_on = threading.Event(), threading.Event()
    replace = Path.replace

    def hang(file: Path, target: Path) -> Path:
        hangs.set()
        goes_on.wait()
        return replace(file, target)

    monkeypatch.setattr(Path, "replace", hang)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(save, checkpoints, b"cycle 1", KEY, 1)
        hangs.wait()
        with pytest.raises(OSError, match="another checkpoint of this run is being stored"):
            save(checkpoints, b"cycle 2", KEY, 2)
        goes_on.set()
        first.result()
    save(checkpoints, b"cycle 2", KEY, 2)

    assert content_of(checkpoints) == b"cycle 2"


def test_an_earlier_bridge_gives_out_what_numpy_still_reads(tmp_path):
    """It gives out the whole file, with the cycle behind its end."""
    content = io.BytesIO()
    np.savez(content, vector=np.arange(3.0))
    checkpoints = DirectoryCheckpointStore(tmp_path)
    save(checkpoints, content.getvalue(), cycle=500)

    with checkpoints.open(KEY) as file:
        whole = file.read()

    assert len(whole) > len(content.getvalue())
    assert np.load(io.BytesIO(whole), allow_pickle=False)["vector"].tolist() == [0, 1, 2]
