"""The content of a stored result: the only place that knows how to get at it."""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from fastapi.responses import Response, StreamingResponse

from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.http.byte_range import UnsatisfiableRangeError, parse_range
from batterysim_bridge.http.problem import (
    NO_RESULT,
    RANGE_NOT_SATISFIABLE,
    REMOVED,
    ProblemError,
    problem_response,
)
from batterysim_bridge.store.store import READ_AHEAD_BYTES, ResultRecord, ResultStore
from batterysim_formats.series import Series, series_of_file

BLOCK_BYTES = 1 << 20


def no_content(simulation: ObjectState, bridge_url: str) -> ProblemError:
    """Return the problem that there is no result: not yet, never, not any more, or not here.

    bridge_url: of this bridge.
    """
    results = simulation.status.get("results", {})
    if "removedTime" in results:
        return ProblemError(
            REMOVED,
            f"the result of {simulation.name!r} was removed by retention on {results['removedTime']}: "
            f"{results.get('removalMessage', 'no reason was recorded')}",
        )
    uri = str(results.get("uri", ""))
    if uri and not uri.startswith(f"{bridge_url.rstrip('/')}/"):
        return ProblemError(
            NO_RESULT,
            f"the result of {simulation.name!r} is not in this bridge, but at {uri}: if another release "
            f"serves namespace {simulation.namespace!r} as well, give each its own (watchNamespaces)",
        )
    if uri:
        return ProblemError(
            NO_RESULT, f"the result of {simulation.name!r} was stored here, and the store no longer has it"
        )
    return ProblemError(
        NO_RESULT,
        f"{simulation.name!r} is in phase {simulation.phase or 'Pending'}; "
        "a result is available once it is Succeeded",
    )


@contextmanager
def open_series(store: ResultStore, record: ResultRecord) -> Iterator[Series]:
    """Open a stored result for reading. Blocks.

    Raises:
        OSError: the store is unavailable, or the file is damaged.
    """
    try:
        with store.open(record) as file:
            yield series_of_file(_parquet(file, record))
    finally:
        # Arrow would keep what it has used for the next time: some 20 MB after a result of 100,000 points.
        pa.default_memory_pool().release_unused()


def _parquet(file: BinaryIO, record: ResultRecord) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file, buffer_size=READ_AHEAD_BYTES)
    except pa.ArrowInvalid as error:
        raise OSError(f"the stored result of {record.name!r} is damaged: {error}") from error


def file_response(store: ResultStore, record: ResultRecord, request_headers: Mapping[str, str]) -> Response:
    """Return the answer with the stored file itself, or a part of it, under its hash. Blocks.

    Raises:
        OSError: the store is unavailable.
    """
    tag = f'"{record.sha256}"'
    digest = base64.b64encode(bytes.fromhex(record.sha256)).decode()
    headers = {"ETag": tag, "Repr-Digest": f"sha-256=:{digest}:", "Cache-Control": "no-cache"}
    if _has_tag(request_headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    headers["Accept-Ranges"] = "bytes"
    try:
        part = _part(request_headers, tag, record.size_bytes)
    except UnsatisfiableRangeError as error:
        headers["Content-Range"] = f"bytes */{record.size_bytes}"
        return problem_response(RANGE_NOT_SATISFIABLE, f"the file has {error}", headers)
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{record.size_bytes}"
    wanted = range(record.size_bytes) if part is None else part
    headers["Content-Length"] = str(len(wanted))
    headers["Content-Disposition"] = f'attachment; filename="{record.name}.parquet"'
    return StreamingResponse(
        blocks(store.open(record), wanted),
        status_code=200 if part is None else 206,
        media_type=PARQUET_MEDIA_TYPE,
        headers=headers,
    )


def blocks(file: BinaryIO, offsets: range) -> Iterator[bytes]:
    """Yield a part of a file, and close it at the end.

    Raises:
        OSError: the store is unavailable, or the file is shorter than it should be.
    """
    with file:
        file.seek(offsets.start)
        left = len(offsets)
        while left:
            block = file.read(min(left, BLOCK_BYTES))
            if not block:
                raise OSError(f"a stored file ends {left} bytes too early")
            left -= len(block)
            yield block


def _part(request_headers: Mapping[str, str], tag: str, size: int) -> range | None:
    """Return the part that is asked for; None: the whole, also if a part was wanted of another content."""
    wanted = request_headers.get("range")
    if wanted is None or request_headers.get("if-range", tag) != tag:
        return None
    return parse_range(wanted, size)


def _has_tag(if_none_match: str, wanted: str) -> bool:
    """Compare as for If-None-Match: weakly, with any of the tags (RFC 9110, 13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return not tags.isdisjoint({wanted, "*"})
