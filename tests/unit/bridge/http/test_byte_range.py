"""Ranges as clients write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim_bridge.http.byte_range import UnsatisfiableRangeError, parse_range

CONTENT = bytes(range(10))


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", CONTENT[:1]),
        ("bytes=2-4", CONTENT[2:5]),
        ("bytes=7-", CONTENT[7:]),
        ("bytes=7-999", CONTENT[7:]),
        ("bytes=-3", CONTENT[-3:]),
        ("bytes=-999", CONTENT),
    ],
)
def test_a_range_is_a_part(header, part):
    offsets = parse_range(header, len(CONTENT))

    assert CONTENT[offsets.start : offsets.stop] == part


@pytest.mark.parametrize(
    "header",
    [
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=0-1,3-4",
        "bytes=a-b",
        "lines=1-2",
        "bytes=\u0661-\u0662",
        "bytes=" + "9" * 30,
    ],
)
def test_what_is_not_one_range_of_bytes_is_ignored(header):
    assert parse_range(header, len(CONTENT)) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-12", "bytes=-0"])
def test_a_range_beyond_the_end_cannot_be_had(header):
    with pytest.raises(UnsatisfiableRangeError, match="of 10 bytes"):
        parse_range(header, len(CONTENT))


@given(st.text(max_size=12) | st.from_regex(r"bytes=\d*-\d*", fullmatch=True), st.integers(0, 20))
def test_whatever_is_asked_for_lies_within_the_file(header, size):
    try:
        offsets = parse_range(header, size)
    except UnsatisfiableRangeError:
        return
    assert offsets is None or 0 <= offsets.start < offsets.stop <= size
