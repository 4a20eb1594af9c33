"""How far a sweep is, in memory: first as the store has it, then as its shards report."""

import time
from collections.abc import Callable

import pyarrow.parquet as pq

from batterysim.sweep.cluster.tally import ShardTally
from batterysim_bridge.intake.sweep_status import Pace, ShardRecord
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.tables.tables import StoredPart, SweepStore, shard_document

LULL_SECONDS = 60.0
"""After so long without a report a sweep has been interrupted, and its pace is that since then."""


class SweepBoard:
    """The shards of one sweep. clock: seconds that only go forward."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.records: dict[int, ShardRecord] = {}
        self.heard = clock()
        self._clock = clock
        self._pace: Pace | None = None
        self._unsaved: set[int] = set()

    def add_part(self, shard: int, rows: int, size_bytes: int) -> None:
        """Take note of a part that is stored."""
        before = self.records.get(shard)
        if before is None:
            before = ShardRecord(tally=ShardTally(design_points=0, shards=0, points=0))
        self.records[shard] = before.model_copy(
            update={
                "rows": before.rows + rows,
                "parts": before.parts + 1,
                "size_bytes": before.size_bytes + size_bytes,
            }
        )
        self._unsaved.add(shard)

    def report(self, shard: int, tally: ShardTally) -> None:
        """Take note of how far a shard is."""
        now = self._clock()
        done = self.done
        if self._pace is None or now - self.heard > LULL_SECONDS:
            self._pace = Pace(now, done)
        self.heard = now
        before = self.records.get(shard)
        if before is None:
            self.records[shard] = ShardRecord(tally=tally)
        elif not before.tally.is_over:
            self.records[shard] = before.model_copy(update={"tally": tally})

    def is_to_be_saved(self, shard: int) -> bool:
        """Tell whether the store does not know yet what this shard has stored."""
        return shard in self._unsaved or self.records[shard].tally.is_over

    def saved(self, shard: int) -> None:
        """Take note that the store knows."""
        self._unsaved.discard(shard)

    @property
    def done(self) -> int:
        """Points that have ended."""
        return sum(record.tally.done for record in self.records.values())

    @property
    def rate(self) -> float | None:
        """Points per second; None: not known yet."""
        return None if self._pace is None else self._pace.rate(self._clock(), self.done)


def read_board(store: SweepStore, key: ResultKey, clock: Callable[[], float]) -> SweepBoard:
    """Return how far a sweep is by what is stored. Blocks."""
    board = SweepBoard(clock)
    board.records = {
        shard: record for shard in stored_shards(store, key) if (record := read_record(store, key, shard))
    }
    by_shard: dict[int, list[StoredPart]] = {}
    for part in store.parts(key):
        by_shard.setdefault(part.shard, []).append(part)
    for shard, parts in by_shard.items():
        known = 0 if shard not in board.records else board.records[shard].parts
        for part in parts[known:]:  # stored right before the bridge ended
            board.add_part(shard, _rows(store, key, part), part.size_bytes)
    return board


def stored_shards(store: SweepStore, key: ResultKey) -> list[int]:
    """Return the shards that have a record in the store. Blocks."""
    names = (name.removeprefix("shards/").partition(".")[0] for name in store.shard_documents(key))
    return sorted({int(name) for name in names if name.isdecimal()})


def read_record(store: SweepStore, key: ResultKey, shard: int) -> ShardRecord | None:
    """Return how far a shard is by what is stored. Blocks."""
    for is_over in (True, False):
        text = store.read(key, shard_document(shard, is_over=is_over))
        if text is not None:
            return ShardRecord.model_validate_json(text)
    return None


def _rows(store: SweepStore, key: ResultKey, part: StoredPart) -> int:
    with store.open_part(key, part.shard, part.part) as file:
        return int(pq.ParquetFile(file).metadata.num_rows)
