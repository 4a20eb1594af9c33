"""What an upload's headers promise about its content."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import NamedTuple

from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim_bridge.http.problem import (
    BAD_REQUEST,
    LENGTH_REQUIRED,
    TOO_LARGE,
    UNSUPPORTED_TYPE,
    ProblemError,
)

SHA256_BYTES = 32
# One member of Content-Digest, a dictionary of byte sequences (RFC 9530, RFC 8941).
_SHA256_MEMBER = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]*):\s*(?=,|;|$)")


class UploadHeaders(NamedTuple):
    """Size and hash of the content that follows."""

    size_bytes: int
    sha256: str


def read_upload_headers(
    headers: Mapping[str, str], max_bytes: int, expected_type: str = PARQUET_MEDIA_TYPE
) -> UploadHeaders:
    """Read an upload's headers (names in lower case).

    Raises:
        ProblemError: one is missing or wrong, or announces more than `max_bytes`.
    """
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != expected_type:
        raise ProblemError(UNSUPPORTED_TYPE, f"Content-Type is {media_type!r}: send {expected_type}")
    return UploadHeaders(read_length(headers, max_bytes), _read_sha256(headers.get("content-digest", "")))


def read_length(headers: Mapping[str, str], max_bytes: int) -> int:
    """Return the announced Content-Length.

    Raises:
        ProblemError: there is none, or it is more than `max_bytes`.
    """
    length = headers.get("content-length", "")
    if not length.isdecimal():
        raise ProblemError(LENGTH_REQUIRED, "send the content's size in bytes as Content-Length")
    if int(length) > max_bytes:
        raise ProblemError(TOO_LARGE, f"{length} bytes are more than the {max_bytes} that are accepted")
    return int(length)


def _read_sha256(content_digest: str) -> str:
    found = _SHA256_MEMBER.search(content_digest)
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != SHA256_BYTES:
        raise ProblemError(
            BAD_REQUEST,
            f"Content-Digest is {content_digest!r}: send 'sha-256=:<base64 of the content's SHA-256>:'",
        )
    return digest.hex()
