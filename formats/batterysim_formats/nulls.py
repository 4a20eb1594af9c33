"""Numbers that text has no word for."""

import pyarrow as pa
import pyarrow.compute as pc


def without_nans(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Turn NaN and infinities into null, which an empty field and JSON's null stand for."""
    columns = [without_nan(column) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def without_nan(column: pa.Array) -> pa.Array:
    """Do the same for one column."""
    if not pa.types.is_floating(column.type):
        return column
    return pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
