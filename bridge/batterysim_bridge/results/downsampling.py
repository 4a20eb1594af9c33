"""Fewer points that draw the same picture: of each slice of time, the first and last row, and all extremes.

A curve that is drawn from them covers the same pixels as the whole one, as long as a slice is narrower than a
pixel (M4: Jugel, Jerzak, Hackenbroich and Markl, VLDB 2014): the first and last row keep the lines between
the slices, and so the ends of steps and plateaus, the extremes what is between.
docs/decisions/031-few-points.md says why this is no library.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from batterysim.results import TIME
from batterysim_formats.series import Series, series_in_memory

ENDS = 2
EXTREMES = 2
FILLED = 0.7
"""A part of the budget that is good enough: extremes coincide, and then there is room for narrower slices."""


class Extent(NamedTuple):
    """How much there is: rows, and the range of what they are sliced by."""

    rows: int
    low: float
    high: float


def downsample(series: Series, points: int) -> Series:
    """Return about this many rows, in order; all of them if there are no more.

    points: the highest number, if they are at least 2 and 2 for each column, the time not counted.
    """
    by = TIME.name if TIME.name in series.names else None
    extent = _extent(series, by)
    if extent.rows <= points:
        return series
    columns = [name for name in series.names if name != TIME.name] or series.names
    slices = max(1, points // (ENDS + EXTREMES * len(columns)))
    few = _few(series, columns, by, extent, slices)
    count = sum(batch.num_rows for batch in few)
    if count < FILLED * points and slices > 1:
        finer = _few(series, columns, by, extent, int(slices * points / count))
        if sum(batch.num_rows for batch in finer) <= points:
            few = finer
    return series_in_memory(series.schema, few)


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


def _few(
    series: Series, columns: Sequence[str], by: str | None, extent: Extent, slices: int
) -> list[pa.RecordBatch]:
    """Return the rows that are kept with this number of slices."""
    kept: list[pa.RecordBatch] = []
    held: list[pa.RecordBatch] = []  # of the slice that may go on in the next batch
    number, first_row = 0, 0
    for batch in series.batches():
        *whole, (place, length, last) = [*_runs(batch, by, extent, slices, first_row)] or [(0, 0, number)]
        if (whole[0][2] if whole else last) != number:
            kept += _reduced(held, columns)
            held = []
        if whole and whole[0][2] == number:
            start, rows, _ = whole.pop(0)
            kept += _reduced([*held, batch.slice(start, rows)], columns)
            held = []
        rows_of = [
            row + start for start, rows, _ in whole for row in _rows(batch.slice(start, rows), columns)
        ]
        if rows_of:
            kept.append(batch.take(pa.array(rows_of)))
        held = _reduced([*held, batch.slice(place, length)], columns)
        number = last
        first_row += batch.num_rows
    return kept + held


def _reduced(parts: list[pa.RecordBatch], columns: Sequence[str]) -> list[pa.RecordBatch]:
    """Return the rows of a slice that are kept, as a copy that does not hold on to the others."""
    if not any(part.num_rows for part in parts):
        return []
    joined = pa.concat_batches(parts)
    return [joined.take(pa.array(_rows(joined, columns)))]


def _rows(part: pa.RecordBatch, columns: Sequence[str]) -> list[int]:
    """Return the first and last row of a slice, and those where a column is lowest or highest."""
    rows = {0, part.num_rows - 1}
    if part.num_rows > ENDS:
        for name in columns:
            column = part.column(name)
            extremes = pc.min_max(column)
            low, high = extremes["min"], extremes["max"]
            rows.add(pc.index(column, low).as_py())
            if low != high:
                rows.add(pc.index(column, high).as_py())
        rows.discard(-1)  # a column without a number has no extremes
    return sorted(rows)


def _runs(
    batch: pa.RecordBatch, by: str | None, extent: Extent, slices: int, first_row: int
) -> Iterator[tuple[int, int, int]]:
    """Yield place, length and number of slice of consecutive rows that are in the same one."""
    if batch.num_rows == 0:
        return
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
