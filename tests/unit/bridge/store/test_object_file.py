"""An object reads like the file that it was made from."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim_bridge.store.object_file import ObjectFile

CONTENT = bytes(range(200))
PLACES = st.tuples(st.integers(0, 250), st.just(os.SEEK_SET)) | st.tuples(
    st.integers(-200, 50), st.just(os.SEEK_END)
)
STEPS = st.lists(st.tuples(PLACES, st.integers(0, 250)), max_size=8)


def object_file(requests: list[tuple[int, int]] | None = None) -> ObjectFile:
    def read(start: int, length: int) -> memoryview:
        if requests is not None:
            requests.append((start, length))
        return memoryview(CONTENT)[start : start + length]

    return ObjectFile(read, len(CONTENT))


@given(STEPS, st.integers(1, 64))
def test_it_reads_as_the_content_itself_would(steps, buffer_bytes):
    with io.BytesIO(CONTENT) as file, io.BufferedReader(object_file(), buffer_bytes) as same:
        for (offset, whence), length in steps:
            assert same.seek(offset, whence) == file.seek(offset, whence)
            assert same.read(length) == file.read(length)
            assert same.tell() == file.tell()
        assert same.read() == file.read()


def test_the_rest_is_one_request():
    requests: list[tuple[int, int]] = []
    file = object_file(requests)
    file.seek(50)

    assert file.readall() == CONTENT[50:]
    assert requests == [(50, 150)]


def test_nothing_is_asked_for_beyond_the_end():
    requests: list[tuple[int, int]] = []
    file = object_file(requests)
    file.seek(0, os.SEEK_END)

    assert file.read(10) == b""
    assert requests == []


def test_there_is_no_place_before_the_beginning():
    with pytest.raises(ValueError, match="before the beginning"):
        object_file().seek(-1)
