"""The Range header: which bytes of a file a client asks for (RFC 9110, 14)."""

import re

_ONE_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class UnsatisfiableRangeError(Exception):
    """The file has none of the bytes."""


def parse_range(header: str, size: int) -> range | None:
    """Return the offsets asked for; None if it is the whole file, since what is not understood is ignored.

    Several ranges at once are among that: a server need not answer them in parts.

    >>> parse_range("bytes=-2", 10)
    range(8, 10)

    Raises:
        UnsatisfiableRangeError: they all are beyond the end.
    """
    found = _ONE_RANGE.fullmatch(header.strip())
    if found is None:
        return None
    first, last = found.groups()
    if first:
        offsets = range(int(first), min(int(last) + 1, size) if last else size)
        is_backwards = bool(last) and int(last) < int(first)
    else:
        offsets = range(max(size - int(last or 0), 0), size)
        is_backwards = not last
    if is_backwards:
        return None
    if not offsets:
        raise UnsatisfiableRangeError(f"{header!r} of {size} bytes")
    return offsets
