"""Columns of a result, read batch by batch as often as need be, so that memory does not grow with them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

BATCH_ROWS = 2048


class Series(NamedTuple):
    """Columns of equal length. `read` yields the rows of the named columns, in batches of any length."""

    schema: pa.Schema
    read: Callable[[Sequence[str]], Iterator[pa.RecordBatch]]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        names: list[str] = self.schema.names
        return names

    def batches(self, names: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of some columns, in this order; None: of all."""
        wanted = self.names if names is None else list(names)
        for batch in self.read(wanted):
            yield batch.select(wanted)


def series_of_file(file: pq.ParquetFile) -> Series:
    """Return the columns of a result file."""
    return Series(file.schema_arrow, lambda names: file.iter_batches(BATCH_ROWS, columns=list(names)))


def series_in_memory(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Series:
    """Return columns that are few enough to be kept."""
    table = pa.Table.from_batches(list(batches), schema)
    return Series(schema, lambda names: iter(table.select(list(names)).to_batches(BATCH_ROWS)))
