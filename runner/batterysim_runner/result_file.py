"""The canonical result: a Parquet file that says what it is, in which units, and where it comes from."""

import io

import pyarrow as pa
import pyarrow.parquet as pq

from batterysim.results import (
    DEFAULT_COLUMNS,
    PARQUET_METADATA_KEY,
    UNIT_METADATA_KEY,
    ResultMetadata,
)
from batterysim_runner.trace import Trace


def encode(trace: Trace, metadata: ResultMetadata) -> bytes:
    """Return the Parquet file's bytes. Values are stored as 64-bit floats, exactly as solved."""
    series = trace.output()
    schema = pa.schema(
        [
            pa.field(column.name, pa.float64(), nullable=False, metadata={UNIT_METADATA_KEY: column.unit})
            for column in DEFAULT_COLUMNS
        ],
        metadata={PARQUET_METADATA_KEY: metadata.model_dump_json(by_alias=True)},
    )
    table = pa.table([series[column.name] for column in DEFAULT_COLUMNS], schema=schema)
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
