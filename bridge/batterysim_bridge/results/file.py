"""Reading a result's Parquet file: what it says about itself, and whether it is one."""

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from batterysim import results
from batterysim.results import ResultMetadata
from batterysim_bridge.http.problem import describe_fields

OVER_TIME = (results.TIME, results.CURRENT, results.VOLTAGE, results.DISCHARGE_CAPACITY)
"""What every result has, but an impedance."""


MAX_METADATA_BYTES = 4 << 20
"""The bridge reads them with each look at the result. A step of an experiment has some 300."""


class NotAResultError(Exception):
    """The file cannot be used as a result. The message says what is wrong with it."""


class Description(NamedTuple):
    """A result file in short."""

    rows: int
    metadata: ResultMetadata


def describe(path: Path) -> Description:
    """Read the file's footer; the data stays on disk.

    Raises:
        NotAResultError: it is not Parquet, or lacks what every result has.
    """
    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            state_bytes = len((file.metadata.metadata or {}).get(results.STATE_METADATA_KEY, b""))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise NotAResultError(f"not a Parquet file: {error}") from error
    if state_bytes > results.MAX_STATE_BYTES:
        raise NotAResultError(
            f"the file's state has {state_bytes} bytes, more than {results.MAX_STATE_BYTES}"
        )
    is_impedance = results.FREQUENCY.name in schema.names
    for column in results.IMPEDANCE_COLUMNS if is_impedance else OVER_TIME:
        if column.name not in schema.names or not pa.types.is_float64(schema.field(column.name).type):
            raise NotAResultError(f"needs a column {column.name!r} of 64-bit floats; has {schema.names}")
    return Description(rows, metadata_of(schema))


def metadata_of(schema: pa.Schema) -> ResultMetadata:
    """Return what a result says about itself.

    Raises:
        NotAResultError: it says nothing, or not in its words.
    """
    key = results.PARQUET_METADATA_KEY
    text = (schema.metadata or {}).get(key)
    if text is None:
        raise NotAResultError(f"the file's metadata lacks the key {key.decode()!r}")
    if len(text) > MAX_METADATA_BYTES:
        raise NotAResultError(
            f"the file's metadata {key.decode()!r} has {len(text)} bytes, more than {MAX_METADATA_BYTES}"
        )
    try:
        return ResultMetadata.model_validate_json(text)
    except ValidationError as error:
        raise NotAResultError(
            f"the file's metadata {key.decode()!r} is wrong: {describe_fields(error.errors())}"
        ) from error
