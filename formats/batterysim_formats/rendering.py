"""A result as text or as bytes, piece by piece, so that memory does not grow with the result.

These iterators block: they are for a thread.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from batterysim.results import PARQUET_OPTIONS, UNIT_METADATA_KEY
from batterysim_formats.compact_json import to_json
from batterysim_formats.nulls import without_nan, without_nans
from batterysim_formats.series import Series
from batterysim_formats.sink import Sink

# Each becomes a row group of its own: enough rows that a reader gains from the columns.
ROW_GROUP_BATCHES = 32


def csv_pieces(series: Series) -> Iterator[bytes]:
    """Yield a header line with the columns' names, then the rows. A NaN is an empty field.

    Numbers have as many digits as bring back the very same float.
    """
    yield _csv(pa.RecordBatch.from_pylist([], schema=series.schema), header=True)
    for batch in series.batches():
        yield _csv(without_nans(batch), header=False)


def _csv(batch: pa.RecordBatch, *, header: bool) -> bytes:
    sink = io.BytesIO()
    pyarrow.csv.write_csv(batch, sink, pyarrow.csv.WriteOptions(include_header=header))
    return sink.getvalue()


def json_pieces(series: Series, head: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the v1 document: the head, then column after column. A NaN is null."""
    yield to_json(head).removesuffix(b"}") + b',"columns":['
    for index, column in enumerate(columns_of(series)):
        yield (b"," if index else b"") + to_json(column).removesuffix(b"}") + b',"values":['
        values = (without_nan(batch.column(0)).to_pylist() for batch in series.batches([column["name"]]))
        yield from json_elements(values)
        yield b"]}"
    yield b"]}"


def record_pieces(series: Series, head: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the same document with a record for each point of time instead: `{"Time [s]": 0.0, …}`."""
    yield to_json({**head, "columns": columns_of(series)}).removesuffix(b"}") + b',"records":['
    yield from json_elements(without_nans(batch).to_pylist() for batch in series.batches())
    yield b"]}"


def columns_of(series: Series) -> list[dict[str, str]]:
    """Return each column's name and unit."""
    return [
        {"name": field.name, "unit": (field.metadata or {}).get(UNIT_METADATA_KEY, b"").decode()}
        for field in series.schema
    ]


def json_elements(batches: Iterable[list[Any]]) -> Iterator[bytes]:
    """Yield the elements of a JSON array, without its brackets."""
    first = True
    for batch in batches:
        if batch:
            yield (b"" if first else b",") + to_json(batch)[1:-1]
            first = False


def arrow_pieces(series: Series) -> Iterator[bytes]:
    """Yield an Arrow IPC stream, units and metadata included."""
    sink = Sink()
    with pa.ipc.new_stream(sink, series.schema) as writer:
        for batch in series.batches():
            writer.write_batch(batch)
            yield sink.drain()
    yield sink.drain()


def parquet_pieces(series: Series, options: Mapping[str, Any] = PARQUET_OPTIONS) -> Iterator[bytes]:
    """Yield a Parquet file, units and metadata included.

    options: of the writer. The default is for columns of numbers only.
    """
    sink = Sink()
    with pq.ParquetWriter(sink, series.schema, **options) as writer:
        held: list[pa.RecordBatch] = []
        for batch in series.batches():
            held.append(batch)
            if len(held) == ROW_GROUP_BATCHES:
                writer.write_table(pa.Table.from_batches(held, series.schema))
                yield sink.drain()
                held = []
        writer.write_table(pa.Table.from_batches(held, series.schema))
    yield sink.drain()
