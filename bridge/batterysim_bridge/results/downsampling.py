"""Fewer points that draw the same picture: the ends of each slice of time, and the extremes of each column.

A curve that is drawn from them covers the same pixels as the whole one, as long as a slice is narrower than a
pixel (M4: Jugel, Jerzak, Hackenbroich and Markl, VLDB 2014): the first and last row keep the lines between
the slices, the extremes the lines inside a slice. An extreme that lasts keeps both ends, so that a plateau
is flat up to its last point. docs/decisions/031-few-points.md says why this is no library.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from batterysim.results import TIME
from batterysim_formats.series import Series, series_in_memory

ENDS = 2
EXTREMES, ENDS_OF_EXTREMES = 2, 4
"""Rows of a slice for each column: the lowest and highest one, or the first and last row of both extremes."""
FILLED = 0.9
"""A part of the budget that is good enough."""
PASSES = 5
"""The most times that the rows are read to fill the budget: it is not known how many extremes coincide."""


class Extent(NamedTuple):
    """How much there is: rows, and the range of what they are sliced by."""

    rows: int
    low: float
    high: float


class Thinning(NamedTuple):
    """How rows are thinned out: the columns that are to keep their shape, and the slices."""

    columns: Sequence[str]
    by: str | None
    """None: by the number of the row."""
    extent: Extent
    slices: int = 1
    has_plateaus: bool = True
    """Whether both ends of an extreme that lasts are kept."""


def downsample(series: Series, points: int) -> Series:
    """Return about this many rows, in order, and never more; all of them if there are no more.

    points: at least 2 and 2 for each column, the time not counted; fewer give up to that number of rows.
    """
    by = TIME.name if TIME.name in series.names else None
    extent = _extent(series, by)
    if extent.rows <= points:
        return series
    columns = [name for name in series.names if name != TIME.name] or series.names
    return series_in_memory(series.schema, _filled(series, Thinning(columns, by, extent), points))


def _filled(series: Series, thinning: Thinning, points: int) -> list[pa.RecordBatch]:
    """Return what is kept with as many slices as fit, or nearly."""
    smallest = ENDS + ENDS_OF_EXTREMES * len(thinning.columns)
    if points < smallest:
        return _few(series, thinning._replace(has_plateaus=False))
    slices = points // smallest
    best = _few(series, thinning._replace(slices=slices))
    too_many: int | None = None
    for _ in range(PASSES - 1):
        count = sum(batch.num_rows for batch in best)
        # More slices have fewer rows each, so this is hardly ever too many.
        finer = int(slices * points / count) if too_many is None else (slices + too_many) // 2
        if count >= FILLED * points or finer == slices:
            break
        few = _few(series, thinning._replace(slices=finer))
        if sum(batch.num_rows for batch in few) <= points:
            best, slices = few, finer
        else:
            too_many = finer
    return best


def _extent(series: Series, by: str | None) -> Extent:
    rows, low, high = 0, float("inf"), float("-inf")
    for batch in series.batches([by or series.names[0]]):
        rows += batch.num_rows
        if by is not None:
            ends: dict[str, Any] = pc.min_max(batch.column(0)).as_py()
            low, high = min(low, _or(ends["min"], low)), max(high, _or(ends["max"], high))
    return Extent(rows, 0.0, float(rows)) if by is None or not low < high else Extent(rows, low, high)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _few(series: Series, thinning: Thinning) -> list[pa.RecordBatch]:
    """Return the rows that are kept."""
    kept: list[pa.RecordBatch] = []
    held: list[pa.RecordBatch] = []  # of the slice that may go on in the next batch
    number, first_row = 0, 0
    for batch in series.batches():
        *whole, (place, length, last) = [*_runs(batch, thinning, first_row)] or [(0, 0, number)]
        if (whole[0][2] if whole else last) != number:
            kept += _reduced(held, thinning)
            held = []
        if whole and whole[0][2] == number:
            start, rows, _ = whole.pop(0)
            kept += _reduced([*held, batch.slice(start, rows)], thinning)
            held = []
        rows_of = [
            row + start for start, rows, _ in whole for row in _rows(batch.slice(start, rows), thinning)
        ]
        if rows_of:
            kept.append(batch.take(pa.array(rows_of)))
        held = _reduced([*held, batch.slice(place, length)], thinning)
        number = last
        first_row += batch.num_rows
    return kept + held


def _reduced(parts: list[pa.RecordBatch], thinning: Thinning) -> list[pa.RecordBatch]:
    """Return the rows of a slice that are kept, as a copy that does not hold on to the others."""
    if not any(part.num_rows for part in parts):
        return []
    joined = pa.concat_batches(parts)
    return [joined.take(pa.array(_rows(joined, thinning)))]


def _rows(part: pa.RecordBatch, thinning: Thinning) -> list[int]:
    """Return the first and last row of a slice, and where a column comes to an extreme and leaves it."""
    rows = {0, part.num_rows - 1}
    if part.num_rows > ENDS:
        for name in thinning.columns:
            column = part.column(name)
            extremes = pc.min_max(column)
            for extreme in {extremes["min"], extremes["max"]}:
                there = pc.indices_nonzero(pc.equal(column, extreme))
                if len(there):  # a column without a number has no extremes
                    rows.update((there[0].as_py(), there[-1 if thinning.has_plateaus else 0].as_py()))
    return sorted(rows)


def _runs(batch: pa.RecordBatch, thinning: Thinning, first_row: int) -> Iterator[tuple[int, int, int]]:
    """Yield place, length and number of slice of consecutive rows that are in the same one."""
    if batch.num_rows == 0:
        return
    by, extent, slices = thinning.by, thinning.extent, thinning.slices
    values = pa.array(range(first_row, first_row + batch.num_rows)) if by is None else batch.column(by)
    part = pc.divide(pc.subtract(pc.cast(values, pa.float64()), extent.low), extent.high - extent.low)
    numbers = pc.cast(
        pc.floor(pc.multiply(pc.fill_null(pc.if_else(pc.is_finite(part), part, 0.0), 0.0), slices)),
        pa.int64(),
    )
    runs = pc.run_end_encode(pc.min_element_wise(numbers, slices - 1))
    start = 0
    for end, where in zip(runs.run_ends.to_pylist(), runs.values.to_pylist(), strict=True):
        yield start, end - start, where
        start = end
