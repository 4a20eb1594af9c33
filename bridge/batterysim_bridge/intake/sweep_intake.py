"""Taking in what the pods of sweeps send: parts of tables, and how far shards are."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from batterysim import names
from batterysim.process.logs import about
from batterysim.sweep.cluster.tally import ShardTally, add_up
from batterysim_bridge.cluster.cluster import ClusterError, StatusConflictError
from batterysim_bridge.cluster.sweeps import SweepIdentity, SweepObjects
from batterysim_bridge.http.problem import NOT_A_RESULT, PART_TAKEN, REPLACED, ProblemError
from batterysim_bridge.intake.intake import write_upload
from batterysim_bridge.intake.sweep_board import SweepBoard, read_board, read_record, stored_shards
from batterysim_bridge.intake.sweep_status import is_whole, sweep_status, table_manifest
from batterysim_bridge.intake.upload_headers import UploadHeaders
from batterysim_bridge.results.file import NotAResultError, describe
from batterysim_bridge.store.shares import Shares
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.tables.tables import MANIFEST_FILE, SWEEP_FILE, SweepStore, shard_document
from batterysim_bridge.store.threads import call_store, finish_store

WRITE_PAUSE_SECONDS = 1.0
"""Each write into a status is told to everybody who watches the sweep."""
FORGET_SECONDS = 600.0
"""A sweep that nobody has reported about for so long is read from the store the next time."""

logger = logging.getLogger(__name__)


class _Desk:
    """One sweep: its shards, and the next write into its status."""

    def __init__(self, board: SweepBoard) -> None:
        self.board = board
        self.written = float("-inf")
        self.writing: asyncio.Task[None] | None = None


class SweepIntake:
    """One for each bridge. `clock` gives the time in UTC, `monotonic` seconds that only go forward."""

    def __init__(
        self,
        sweeps: SweepObjects,
        store: SweepStore,
        shares: Shares,
        bridge_url: str,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sweeps = sweeps
        self._store = store
        self._shares = shares
        self._bridge_url = bridge_url
        self._clock = clock
        self._monotonic = monotonic
        self._desks: dict[str, _Desk] = {}
        self._opening = asyncio.Lock()

    async def count_parts(self, sweep: SweepIdentity, shard: int) -> int:
        """Return how many parts of a shard are stored."""
        return len(await call_store(self._store.parts, key_of(sweep), shard))

    async def take_part(
        self,
        sweep: SweepIdentity,
        shard: int,
        part: int,
        headers: UploadHeaders,
        content: AsyncIterator[bytes],
    ) -> None:
        """Store a part of a shard. The same part again changes nothing.

        Raises:
            ProblemError: the content is rejected, or another part is there, or one before it is missing.
            OSError: the store is full or unavailable.
        """
        desk = await self._desk(sweep)
        stored = await self.count_parts(sweep, shard)
        if part > stored:
            raise _taken(f"part {part} of shard {shard} cannot follow {stored} parts: read them again")
        if part == stored:
            await self._shares.require_room(sweep.namespace, headers.size_bytes)
        if part == 0:
            await self._note_sweep(sweep)
        with self._store.incoming() as file:
            await write_upload(file, headers, content)
            rows = await call_store(_rows, file)
            if not await finish_store(self._store.add_part, key_of(sweep), shard, part, file):
                raise _taken(f"another part {part} of shard {shard} is stored: go on behind it")
        if part == stored:
            desk.board.add_part(shard, rows, headers.size_bytes)

    async def take_series(
        self, sweep: SweepIdentity, point: int, headers: UploadHeaders, content: AsyncIterator[bytes]
    ) -> None:
        """Keep the whole result of a point. The same point again takes its place.

        Raises:
            ProblemError: the content is rejected.
            OSError: the store is full or unavailable.
        """
        await self._shares.require_room(sweep.namespace, headers.size_bytes)
        with self._store.incoming() as file:
            await write_upload(file, headers, content)
            try:
                await call_store(describe, file)
            except NotAResultError as error:
                raise ProblemError(NOT_A_RESULT, str(error)) from error
            await finish_store(self._store.put_series, key_of(sweep), point, file)

    async def take_tally(self, sweep: SweepIdentity, shard: int, tally: ShardTally) -> None:
        """Note how far a shard is. Of its end, the status says so before this returns.

        Raises:
            ProblemError: the sweep is gone.
            OSError: the store is unavailable.
            ClusterError: the end is noted, but not in the status. Sending it again writes it.
        """
        desk = await self._desk(sweep)
        desk.board.report(shard, tally)
        if desk.board.is_to_be_saved(shard):
            record = desk.board.records[shard]
            name = shard_document(shard, is_over=record.tally.is_over)
            text = json.dumps(record.to_json_dict()).encode()
            await call_store(self._store.write, key_of(sweep), name, text)
            desk.board.saved(shard)
        if not tally.is_over:
            self._write_soon(sweep, desk)
            return
        await self._hear_of_others(sweep, desk.board)
        if is_whole(desk.board.records):
            await self._complete(sweep, desk)
        else:
            self._write_soon(sweep, desk)

    async def close(self) -> None:
        """Write nothing more."""
        writing = [desk.writing for desk in self._desks.values() if desk.writing is not None]
        for task in writing:
            task.cancel()
        await asyncio.gather(*writing, return_exceptions=True)

    async def _desk(self, sweep: SweepIdentity) -> _Desk:
        async with self._opening:
            if sweep.uid not in self._desks:
                self._forget_old()
                board = await call_store(read_board, self._store, key_of(sweep), self._monotonic)
                self._desks[sweep.uid] = _Desk(board)
            return self._desks[sweep.uid]

    def _forget_old(self) -> None:
        now = self._monotonic()
        for uid, desk in list(self._desks.items()):
            if now - desk.board.heard > FORGET_SECONDS:
                del self._desks[uid]

    async def _note_sweep(self, sweep: SweepIdentity) -> None:
        """Store what the table is of, once."""
        if await call_store(self._store.read, key_of(sweep), SWEEP_FILE) is not None:
            return
        manifest = await self._sweeps.manifest(sweep.namespace, sweep.name)
        if manifest is None or manifest["metadata"]["uid"] != sweep.uid:
            raise _gone(sweep)
        document = {
            "apiVersion": names.API_VERSION,
            "kind": names.SWEEP_KIND,
            "metadata": {"namespace": sweep.namespace, "name": sweep.name, "uid": sweep.uid},
            "spec": manifest["spec"],
        }
        await call_store(self._store.write, key_of(sweep), SWEEP_FILE, json.dumps(document).encode())

    async def _hear_of_others(self, sweep: SweepIdentity, board: SweepBoard) -> None:
        """Take note of shards whose end was reported to another bridge."""
        key = key_of(sweep)
        for shard in await call_store(stored_shards, self._store, key):
            known = board.records.get(shard)
            if known is None or not known.tally.is_over:
                record = await call_store(read_record, self._store, key, shard)
                if record is not None and record.tally.is_over:
                    board.records[shard] = record

    async def _complete(self, sweep: SweepIdentity, desk: _Desk) -> None:
        """Say that the table is whole: next to it, then in the status."""
        key, records = key_of(sweep), desk.board.records
        parts = await call_store(self._store.parts, key)
        together = add_up(record.tally for record in records.values())
        if any(record.tally.goal is not None for record in records.values()):
            await call_store(self._keep_best, key, {point.point for point in together.best})
        manifest = json.dumps(table_manifest(sweep, together, parts, self._clock()))
        await call_store(self._store.write, key, MANIFEST_FILE, manifest.encode())
        if desk.writing is not None:
            desk.writing.cancel()
        await self._write(sweep, desk)
        self._desks.pop(sweep.uid, None)
        logger.info("the table of %d points is whole", together.done, extra=_about(sweep))

    def _keep_best(self, key: ResultKey, best: Collection[int]) -> None:
        """Of the results that each shard has kept as its best, keep those that are the sweep's. Blocks."""
        about_sweep = json.loads(self._store.read(key, SWEEP_FILE) or b"{}")
        if about_sweep.get("spec", {}).get("series", {}).get("keep") == "Best":
            for point in self._store.series(key).keys() - best:
                self._store.remove_series(key, point)

    def _write_soon(self, sweep: SweepIdentity, desk: _Desk) -> None:
        if desk.writing is None or desk.writing.done():
            desk.writing = asyncio.create_task(self._write_after_a_pause(sweep, desk))

    async def _write_after_a_pause(self, sweep: SweepIdentity, desk: _Desk) -> None:
        await asyncio.sleep(max(0.0, desk.written + WRITE_PAUSE_SECONDS - self._monotonic()))
        try:
            await self._write(sweep, desk)
        except (ClusterError, ProblemError) as error:  # the next report is written all the same
            logger.warning("the progress was not written: %s", error, extra=_about(sweep))

    async def _write(self, sweep: SweepIdentity, desk: _Desk) -> None:
        desk.written = self._monotonic()
        status = sweep_status(sweep, desk.board.records.values(), desk.board.rate, self._bridge_url)
        try:
            await self._sweeps.apply_status(sweep, status)
        except StatusConflictError as conflict:
            self._desks.pop(sweep.uid, None)
            raise _gone(sweep) from conflict


def key_of(sweep: SweepIdentity) -> ResultKey:
    """Return where a sweep is in the store."""
    return ResultKey(sweep.namespace, sweep.uid)


def _about(sweep: SweepIdentity) -> dict[str, object]:
    return about(sweep.namespace, sweep.name, sweep.uid)


def _gone(sweep: SweepIdentity) -> ProblemError:
    return ProblemError(REPLACED, f"{sweep.name!r} with UID {sweep.uid} was deleted meanwhile")


def _taken(message: str) -> ProblemError:
    return ProblemError(PART_TAKEN, message)


def _rows(file: Path) -> int:
    """Return the number of rows of a part. Blocks.

    Raises:
        ProblemError: it is none.
    """
    try:
        with pq.ParquetFile(file) as part:
            schema, rows = part.schema_arrow, part.metadata.num_rows
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise ProblemError(NOT_A_RESULT, f"not a Parquet file: {error}") from error
    if "point" not in schema.names or not pa.types.is_int64(schema.field("point").type):
        raise ProblemError(NOT_A_RESULT, f"needs a column 'point' of whole numbers; has {schema.names}")
    return int(rows)
