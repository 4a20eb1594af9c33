"""The inventory of a volume: what cannot be read hides nothing else."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from batterysim_bridge.store.directory import DirectoryStore
from batterysim_bridge.store.store import RECORD_FILE, RESULT_FILE, ResultKey, ResultStore
from batterysim_bridge.store.tables.tables import DirectorySweepStore, SweepStore

from ..fake_sweeps import NAMESPACE, SWEEP_UID, part

DAMAGED = "damaged"
Store = ResultStore | SweepStore


def results(root: Path) -> Store:
    """Have a result in two namespaces."""
    for namespace in (DAMAGED, NAMESPACE):
        directory = root / namespace / SWEEP_UID
        directory.mkdir(parents=True)
        for name in (RECORD_FILE, RESULT_FILE):
            (directory / name).write_bytes(b"x")
    return DirectoryStore(root)


def tables(root: Path) -> Store:
    """Have a table in two namespaces."""
    store = DirectorySweepStore(root)
    for namespace in (DAMAGED, NAMESPACE):
        with store.incoming() as file:
            file.write_bytes(part(0))
            store.add_part(ResultKey(namespace, SWEEP_UID), 0, 0, file)
    return store


@pytest.mark.parametrize("filled", [results, tables])
def test_a_namespace_that_cannot_be_read_hides_no_other(
    filled: Callable[[Path], Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, scandir = filled(tmp_path), os.scandir

    def failing(path: Path) -> object:
        if Path(path).name == DAMAGED:
            raise OSError(errno.EIO, "Input/output error", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", failing)

    assert [entry.key for entry in store.entries()] == [ResultKey(NAMESPACE, SWEEP_UID)]
