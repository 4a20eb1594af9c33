"""Files under way are gone at the end, and what a crash left is gone later."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from batterysim_bridge.store.incoming import LEFTOVER_AGE, Incoming

from ..builders import files_under


def test_a_file_is_gone_at_the_end(tmp_path):
    with Incoming(tmp_path).file("content") as file:
        file.write_bytes(b"half")
        assert files_under(tmp_path) != set()

    assert files_under(tmp_path) == set()


def test_a_file_that_was_moved_away_stays_where_it_is(tmp_path):
    with Incoming(tmp_path).file("content") as file:
        file.write_bytes(b"whole")
        file.rename(tmp_path / "kept")

    assert files_under(tmp_path) == {"kept"}


def test_leftovers_are_removed_but_not_what_is_under_way(tmp_path):
    incoming = Incoming(tmp_path)
    for name, age in (("crashed", LEFTOVER_AGE * 2), ("under-way", timedelta(seconds=1))):
        aged_file(tmp_path / ".incoming" / name / "content", age)

    assert incoming.clean(datetime.now(UTC)) == 1
    assert files_under(tmp_path) == {".incoming/under-way/content"}


def aged_file(path: Path, age: timedelta) -> None:
    path.parent.mkdir()
    path.write_bytes(b"half")
    then = (datetime.now(UTC) - age).timestamp()
    for each in (path, path.parent):
        os.utime(each, (then, then))
