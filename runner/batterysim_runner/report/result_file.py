"""The canonical result: a Parquet file that says what it is, in which units, and where it comes from."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from batterysim.results import (
    PARQUET_METADATA_KEY,
    PARQUET_OPTIONS,
    STATE_METADATA_KEY,
    UNIT_METADATA_KEY,
    ResultMetadata,
)
from batterysim_runner.report.trace import Trace


def encode(trace: Trace, metadata: ResultMetadata) -> bytes:
    """Return the Parquet file's bytes. Values are stored as 64-bit floats, exactly as solved."""
    series = trace.output()
    schema = pa.schema(
        [
            pa.field(column.name, pa.float64(), nullable=False, metadata={UNIT_METADATA_KEY: column.unit})
            for column in trace.columns
        ],
        metadata={PARQUET_METADATA_KEY: metadata.model_dump_json(by_alias=True, exclude_none=True)},
    )
    table = pa.table([_array(series[column.name]) for column in trace.columns], schema=schema)
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, schema, **PARQUET_OPTIONS) as writer:
        writer.write_table(table)
        if trace.state is not None:
            writer.add_key_value_metadata({STATE_METADATA_KEY: trace.state.encode()})
    return buffer.getvalue()


def _array(values: NDArray[np.float64]) -> pa.Array:
    """Return an Arrow array of the same memory. Arrow's own way imports pandas, which takes its time."""
    return pa.Array.from_buffers(
        pa.float64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values))]
    )
