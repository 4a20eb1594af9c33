"""Fewer points that still look the same: of each stretch, the rows where a column is lowest or highest.

A reader of the curve misses no peak: the lowest and the highest value of every column are kept exactly, and
so are the first and the last row. docs/decisions/031-few-points.md says why this is not a library.
"""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from batterysim.results import TIME
from batterysim_formats.series import Series, series_in_memory

ENDS = 2
EXTREMES = 2


def downsample(series: Series, points: int) -> Series:
    """Return at most so many rows, in order. The fewer columns there are, the finer it is.

    points: at least 2 for each column, the time not counted, and 2 for the ends; else all rows of one stretch
        are compared and the number is not kept to exactly.
    """
    rows = sum(batch.num_rows for batch in series.batches(series.names[:1]))
    if rows <= points:
        return series
    columns = [name for name in series.names if name != TIME.name] or series.names
    stretches = max(1, (points - ENDS) // (EXTREMES * len(columns)))
    stretch_rows = -(-rows // stretches)
    last = rows - 1
    kept = (
        _kept(stretch, columns, first_row=number * stretch_rows, last=last)
        for number, stretch in enumerate(in_stretches(series.batches(), stretch_rows))
    )
    return series_in_memory(series.schema, kept)


def in_stretches(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Cut batches anew, into stretches of so many rows; the last one may be shorter."""
    held: list[pa.RecordBatch] = []
    missing = rows
    for batch in batches:
        start = 0
        while start < batch.num_rows:
            part = batch.slice(start, missing)
            held.append(part)
            start += part.num_rows
            missing -= part.num_rows
            if missing == 0:
                yield pa.concat_batches(held)
                held, missing = [], rows
    if held:
        yield pa.concat_batches(held)


def _kept(stretch: pa.RecordBatch, columns: list[str], *, first_row: int, last: int) -> pa.RecordBatch:
    rows = {row - first_row for row in (0, last) if first_row <= row < first_row + stretch.num_rows}
    for name in columns:
        column = stretch.column(name)
        extremes = pc.min_max(column)
        rows |= {pc.index(column, extremes[end]).as_py() for end in ("min", "max")}
    # A column without a number in this stretch has no extremes, and no row of them.
    rows.discard(-1)
    return stretch.take(pa.array(sorted(rows), pa.int64()))
