import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim_bridge.http.problem import ProblemError
from batterysim_bridge.intake.upload_headers import read_upload_headers

from ..builders import digest

GOOD = {
    "content-type": PARQUET_MEDIA_TYPE,
    "content-length": "3",
    "content-digest": digest(b"abc"),
}


@given(st.binary(max_size=100))
def test_any_contents_digest_is_read(content):
    headers = read_upload_headers({**GOOD, "content-digest": digest(content)}, 10)

    assert headers.sha256 == hashlib.sha256(content).hexdigest()


def test_a_digest_among_others_is_found():
    headers = {**GOOD, "content-digest": f"sha-512=:AAAA:, {digest(b'abc')}, unixsum=:AA==:"}

    assert read_upload_headers(headers, 10).sha256 == hashlib.sha256(b"abc").hexdigest()


@pytest.mark.parametrize(
    ("header", "value", "slug"),
    [
        ("content-type", "text/csv", "unsupported-type"),
        ("content-length", "", "length-required"),
        ("content-length", "-3", "length-required"),
        ("content-length", "11", "too-large"),
        ("content-digest", "", "bad-request"),
        ("content-digest", "sha-256=abc", "bad-request"),
        ("content-digest", "sha-256=:AAAA:", "bad-request"),
        ("content-digest", "sha-256=:A:", "bad-request"),
        ("content-digest", digest(b"abc").replace("sha-256", "xsha-256"), "bad-request"),
    ],
)
def test_a_wrong_header_is_refused(header, value, slug):
    with pytest.raises(ProblemError, match=slug):
        read_upload_headers({**GOOD, header: value}, 10)
