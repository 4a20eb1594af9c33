"""The table of a sweep, read shard by shard, so that memory does not grow with it."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from batterysim.sweep.values import Value
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.tables.tables import StoredPart, SweepStore
from batterysim_formats.series import BATCH_ROWS, Series

POINT, STATUS = "point", "status"


def open_table(store: SweepStore, key: ResultKey) -> Series | None:
    """Return the rows that are stored now, in the order of their points; None: there are none. Blocks.

    Raises:
        OSError: the store is unavailable, or a part is damaged.
    """
    parts = store.parts(key)
    if not parts:
        return None
    schema = _read(store, key, parts[0], None).schema

    def read(names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        wanted = list(dict.fromkeys([*names, POINT]))
        # A shard has neighbouring points, in the order in which they ended.
        for _, shard in groupby(parts, lambda part: part.shard):
            tables = [_read(store, key, part, wanted) for part in shard]
            yield from pa.concat_tables(tables).sort_by(POINT).combine_chunks().to_batches(BATCH_ROWS)
            pa.default_memory_pool().release_unused()

    return Series(schema, read)


def values_of_point(store: SweepStore, key: ResultKey, shard: int, point: int) -> dict[str, Value] | None:
    """Return what varies of a point that is stored, by name; None: it is not. Blocks.

    shard: the one that has it.

    Raises:
        OSError: the store is unavailable, or a part is damaged.
    """
    for part in store.parts(key, shard):
        numbers = _read(store, key, part, [POINT])
        if not pc.any(pc.equal(numbers.column(POINT), point)).as_py():
            continue
        table = _read(store, key, part, None)
        varied = table.column_names[1 : table.column_names.index(STATUS)]
        (row,) = table.filter(pc.equal(table.column(POINT), point)).select(varied).to_pylist()
        found: dict[str, Value] = row
        return found
    return None


def with_status(table: Series, status: str | None) -> Series:
    """Return the rows with this status; None: all."""
    if status is None:
        return table

    def read(names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for batch in table.read(list(dict.fromkeys([*names, STATUS]))):
            yield batch.filter(pc.equal(batch.column(STATUS), status))

    return Series(table.schema, read)


def _read(store: SweepStore, key: ResultKey, part: StoredPart, columns: Sequence[str] | None) -> pa.Table:
    try:
        with store.open_part(key, part.shard, part.part) as file:
            return pq.ParquetFile(file).read(columns=columns, use_threads=False)
    except pa.ArrowInvalid as error:
        raise OSError(f"part {part.part} of shard {part.shard} is damaged: {error}") from error
