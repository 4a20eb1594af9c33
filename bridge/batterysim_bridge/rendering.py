"""A result file as text, piece by piece, so that memory does not grow with the result.

These iterators block: they are for a thread.
"""

import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from batterysim import names, results
from batterysim.results import UNIT_METADATA_KEY, Column
from batterysim_bridge.store import ResultRecord

BATCH_ROWS = 8192

JOB_MANAGER_COLUMNS: dict[str, Column] = {
    "time": results.TIME,
    "voltage": results.VOLTAGE,
    "current": results.CURRENT,
    "dcap": results.DISCHARGE_CAPACITY,
}


def csv_pieces(file: pq.ParquetFile) -> Iterator[bytes]:
    """Yield a header line with PyBaMM's names, then the rows. A NaN is an empty field.

    Numbers have as many digits as bring back the very same float.
    """
    yield _csv(pa.RecordBatch.from_pylist([], schema=file.schema_arrow), header=True)
    for batch in file.iter_batches(BATCH_ROWS):
        columns = [_without_nan(column) for column in batch.columns]
        yield _csv(pa.RecordBatch.from_arrays(columns, schema=batch.schema), header=False)


def _csv(batch: pa.RecordBatch, *, header: bool) -> bytes:
    sink = io.BytesIO()
    pyarrow.csv.write_csv(batch, sink, pyarrow.csv.WriteOptions(include_header=header))
    return sink.getvalue()


def json_pieces(file: pq.ParquetFile, record: ResultRecord) -> Iterator[bytes]:
    """Yield the v1 document: the head, then column after column. A NaN is null."""
    yield _json(_head(record)).removesuffix(b"}") + b',"columns":['
    for index, field in enumerate(file.schema_arrow):
        column = {"name": field.name, "unit": (field.metadata or {}).get(UNIT_METADATA_KEY, b"").decode()}
        yield (b"," if index else b"") + _json(column).removesuffix(b"}") + b',"values":['
        first = True
        for batch in file.iter_batches(BATCH_ROWS, columns=[field.name]):
            values = _json(_without_nan(batch.column(0)).to_pylist())
            yield (b"" if first else b",") + values[1:-1]
            first = False
        yield b"]}"
    yield b"]}"


def _head(record: ResultRecord) -> dict[str, Any]:
    return {
        "apiVersion": names.API_VERSION,
        "kind": "SimulationResult",
        "metadata": {"namespace": record.namespace, "name": record.name, "uid": record.uid},
        **record.metadata.to_json_dict(),
    }


def job_manager_pieces(file: pq.ParquetFile, identifier: str) -> Iterator[bytes]:
    """Yield `{"id", "result": [{"time", "voltage", "current", "dcap"}]}` in s, V, A and A.h.

    A point that lacks one of the four is left out: the Job Manager would read a null as 0.
    """
    yield b'{"id":' + _json(identifier) + b',"result":['
    first = True
    wanted = [column.name for column in JOB_MANAGER_COLUMNS.values()]
    for batch in file.iter_batches(BATCH_ROWS, columns=wanted):
        renamed = batch.select(wanted).rename_columns(list(JOB_MANAGER_COLUMNS))
        points = pa.table([_without_nan(column) for column in renamed.columns], renamed.schema.names)
        complete = points.drop_null().to_pylist()
        if complete:
            yield (b"" if first else b",") + _json(complete)[1:-1]
            first = False
    yield b"]}"


def _without_nan(column: pa.Array) -> pa.Array:
    """Turn what JSON has no number for, NaN and infinities, into null."""
    if not pa.types.is_floating(column.type):
        return column
    return pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
