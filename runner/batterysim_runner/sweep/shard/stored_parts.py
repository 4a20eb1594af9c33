"""The parts of a shard's table, which the bridge stores."""

import contextlib
import io
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError

from batterysim import names
from batterysim.failure import shorten
from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim.sweep.cluster.tally import ShardTally
from batterysim_runner.errors import PartTakenError, ResultRefusedError
from batterysim_runner.pod.connection import Connection, text_of
from batterysim_runner.pod.patience import Verdict
from batterysim_runner.sweep.series import kept_series

REPORT_TIMEOUT = Timeout(2)
FINISH_TIMEOUT = Timeout(60)
CONFLICT = 409


class StoredParts:
    """The parts of a shard, which the bridge stores. Each one is the next: nothing is stored twice.

    connect: opens a connection to the bridge. series: a directory for results that are kept whole, on their
    way to the bridge.
    """

    def __init__(self, place: tuple[str, str, int], connect: Callable[[], Connection], series: Path) -> None:
        self.series = series
        self._place = place
        self._connect = connect
        self._connection = connect()
        answer = _taken(*self._connection.until_answered(lambda: self._get(names.parts_path(*place))))
        self._count = int(answer.json()["parts"])

    def add(self, content: bytes) -> None:
        """Store a part, whole or not at all. Before it, the results of its points that are kept.

        Raises:
            PartTakenError: another pod of this shard has been quicker.
            ResultRefusedError: the bridge will never take it.
        """
        self.add_series()
        path = names.part_path(*self._place, self._count)
        _taken(
            *self._connection.until_answered(lambda: self._connection.put(path, content, PARQUET_MEDIA_TYPE))
        )
        self._count += 1

    def add_series(self) -> None:
        """Store the results that are kept whole, and leave none behind. One that is stored may come again.

        Raises:
            ResultRefusedError: the bridge will never take it.
        """
        for point, file in kept_series(self.series).items():
            content, path = file.read_bytes(), names.point_result_path(*self._place[:2], point)
            put = partial(self._connection.put, path, content, PARQUET_MEDIA_TYPE)
            _taken(*self._connection.until_answered(put))
            file.unlink()

    def tables(self) -> list[pa.Table]:
        """Return the parts. For a child: it opens a connection of its own."""
        self._connection = self._connect()
        paths = [names.part_path(*self._place, part) for part in range(self._count)]
        return [pq.ParquetFile(io.BytesIO(self._read(path))).read() for path in paths]

    @property
    def is_empty(self) -> bool:
        """Whether there are none."""
        return self._count == 0

    def report(self, tally: ShardTally) -> None:
        """Say how far the shard is. A lost report loses nothing."""
        with contextlib.suppress(HTTPError, OSError):
            self._put_tally(tally, REPORT_TIMEOUT)

    def finish(self, tally: ShardTally) -> None:
        """Say that the shard has ended, until the bridge has heard it.

        Raises:
            ResultRefusedError: the bridge will never take it.
        """
        _taken(*self._connection.until_answered(lambda: self._put_tally(tally, FINISH_TIMEOUT)))

    def _get(self, path: str) -> BaseHTTPResponse:
        return self._connection.request("GET", path)

    def _read(self, path: str) -> bytes:
        content: bytes = _taken(*self._connection.until_answered(lambda: self._get(path))).data
        return content

    def _put_tally(self, tally: ShardTally, timeout: Timeout) -> BaseHTTPResponse:
        content = json.dumps(tally.to_json_dict()).encode()
        path = names.shard_path(*self._place)
        return self._connection.request("PUT", path, content, {"Content-Type": "application/json"}, timeout)


def _taken(verdict: Verdict, response: BaseHTTPResponse) -> BaseHTTPResponse:
    """Return an answer that is good."""
    if verdict is Verdict.TAKEN:
        return response
    text = f"the bridge says ({response.status}): {shorten(text_of(response))}"
    if response.status == CONFLICT and "part-taken" in text:
        raise PartTakenError(text)
    raise ResultRefusedError(text)
