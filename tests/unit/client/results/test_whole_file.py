"""A file is replaced when the new one is whole, and stays what it is otherwise."""

import os
import stat
import threading
from pathlib import Path

import pytest

from batterysim_client.results.whole_file import whole_file


def write(path: Path, text: str) -> None:
    with whole_file(path) as part:
        part.write_text(text)


def test_a_file_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("before")
    file.chmod(0o640)

    write(file, "after")

    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("after", 0o640)


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_followed(tmp_path: Path, exists: bool) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "a.csv", tmp_path / "link.csv"
    if exists:
        target.write_text("before")
    link.symlink_to(target)

    write(link, "after")

    assert link.is_symlink()
    assert target.read_text() == "after"
    assert list(target.parent.iterdir()) == [target]


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()

    write(pipe, "through")
    reader.join(timeout=30)

    assert read == ["through"]
    assert pipe.is_fifo()


def test_what_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("before")

    with pytest.raises(UnicodeEncodeError):
        write(file, "half\ud800")

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.csv": "before"}


@pytest.mark.parametrize("name", ["absent/a.csv", "."])
def test_what_cannot_be_written_is_named_itself(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError, match=r"directory") as caught:
        write(tmp_path / name, "text")

    assert caught.value.filename == str(tmp_path / name)
