"""Rows of a table by their rank: in the order of a column, or a window of the points' own order.

Memory grows with the end of the window, not with the table.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from batterysim.catalogue.nearest_names import nearest_names
from batterysim_bridge.http.problem import BAD_REQUEST, FieldError, wrong_fields
from batterysim_bridge.results.table import POINT
from batterysim_formats.series import BATCH_ROWS, Series

MAX_ORDERED_ROWS = 1000
"""Rows of one answer in the order of a column."""

MAX_ORDERED_END = 1_000_000
"""The number of the last row that can be asked for in the order of a column: 16 bytes each, for a moment."""

_KEY = "key"


class Order(NamedTuple):
    """By which column rows are ordered. Rows without a value come last."""

    column: str
    descending: bool


class Window(NamedTuple):
    """Which of the ordered rows are wanted.

    limit: None for all behind the offset.
    """

    order: Order | None = None
    offset: int = 0
    limit: int | None = None


def read_order(text: str | None, schema: pa.Schema) -> Order | None:
    """Read the name of a column, with a minus in front for falling values.

    Raises:
        ProblemError: the table has no such column.
    """
    if text is None:
        return None
    descending = text.startswith("-") and text not in schema.names
    column = text.removeprefix("-") if descending else text
    if column not in schema.names:
        near = nearest_names([column], schema.names, cutoff=0.4)[column]
        advice = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise wrong_fields(BAD_REQUEST, [FieldError("query.order", f"the table has no {column!r}{advice}")])
    return Order(column, descending)


def check_window(window: Window) -> None:
    """Check that an ordered window is small enough.

    Raises:
        ProblemError: it is not.
    """
    if window.order is None:
        return
    if window.limit is None or window.limit > MAX_ORDERED_ROWS:
        raise wrong_fields(
            BAD_REQUEST, [FieldError("query.limit", f"with an order, ask for 1 to {MAX_ORDERED_ROWS} rows")]
        )
    if window.offset + window.limit > MAX_ORDERED_END:
        message = (
            f"with an order, the first {MAX_ORDERED_END} rows can be asked for: order the other way round"
        )
        raise wrong_fields(BAD_REQUEST, [FieldError("query.offset", message)])


def count_rows(table: Series) -> int:
    """Return how many rows there are. Blocks."""
    return sum(batch.num_rows for batch in table.batches([POINT]))


def in_window(table: Series, window: Window) -> Series:
    """Return the wanted rows. Blocks, if they are ordered."""
    if window.order is not None:
        assert window.limit is not None  # noqa: S101 - checked before
        return _ordered(table, window.order, window.offset, window.limit)
    if window.offset == 0 and window.limit is None:
        return table

    def read(names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        skip, left = window.offset, window.limit
        for batch in table.read(names):
            taken = batch.slice(skip, left)
            skip = max(0, skip - batch.num_rows)
            if taken.num_rows:
                yield taken
            if left is not None and (left := left - taken.num_rows) <= 0:
                return

    return Series(table.schema, read)


def _ordered(table: Series, order: Order, offset: int, limit: int) -> Series:
    points = _first(table, order, offset + limit).column(POINT).slice(offset)

    def read(names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        wanted = list(dict.fromkeys([*names, POINT]))
        found = [
            batch.filter(pc.is_in(batch.column(POINT), value_set=points)).select(wanted)
            for batch in table.read(wanted)
        ]
        schema = pa.schema([table.schema.field(name) for name in wanted])
        rows = pa.Table.from_batches(found, schema)
        yield from rows.take(pc.index_in(points, value_set=rows.column(POINT))).to_batches(BATCH_ROWS)

    return Series(table.schema, read)


def _first(table: Series, order: Order, count: int) -> pa.Table:
    """Return the first rows by their points and the values that order them, in order."""
    direction = "descending" if order.descending else "ascending"
    kept: list[pa.Table] = []
    held = 0
    for batch in table.batches(list(dict.fromkeys([order.column, POINT]))):
        key = batch.column(order.column)
        key = key.cast(pa.int8()) if pa.types.is_boolean(key.type) else key
        kept.append(pa.table({_KEY: key, POINT: batch.column(POINT)}))
        held += batch.num_rows
        if held > 2 * count + 16 * BATCH_ROWS:
            kept = [_sorted(kept, direction).slice(0, count)]
            held = kept[0].num_rows
    return _sorted(kept, direction).slice(0, count)


def _sorted(tables: Sequence[pa.Table], direction: str) -> pa.Table:
    if not tables:
        return pa.table({_KEY: pa.array([], pa.int8()), POINT: pa.array([], pa.int64())})
    whole = pa.concat_tables(tables)
    keys = [(_KEY, direction), (POINT, "ascending")]
    # A copy, so that what is cut off is free.
    return whole.take(pc.sort_indices(whole, sort_keys=keys)).combine_chunks()
