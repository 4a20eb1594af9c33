"""A downloaded result as a table. Imported when it is asked for, because Arrow and pandas take their time."""

import io
from typing import TYPE_CHECKING

from batterysim.results import UNIT_METADATA_KEY
from batterysim_client.errors import RefusedError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def to_arrow(parquet: bytes) -> "pa.Table":
    """Return the series, with the unit in each field's metadata.

    Raises:
        RefusedError: this is no Parquet, such as what a proxy has to say.
        ImportError: Arrow is not installed; the message says how to get it.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise ImportError("a table needs pyarrow: pip install pyarrow, or save the result as CSV") from error
    try:
        return pq.read_table(io.BytesIO(parquet))
    except pa.ArrowInvalid as error:
        raise RefusedError(f"the answer is not a Parquet result, but begins with {parquet[:60]!r}") from error


def to_pandas(parquet: bytes) -> "pd.DataFrame":
    """Return a row for each point and a column for each variable; `attrs["units"]` has the units by column.

    Raises:
        ImportError: Arrow or pandas is not installed; the message says how to get it.
    """
    try:
        import pandas as pd  # noqa: PLC0415 - Arrow's own message does not say what to do
    except ImportError as error:
        raise ImportError("a data frame needs pandas: pip install pandas, or use to_arrow()") from error
    table = to_arrow(parquet)
    frame: pd.DataFrame = table.to_pandas()
    frame.attrs["units"] = {
        field.name: (field.metadata or {}).get(UNIT_METADATA_KEY, b"").decode() for field in table.schema
    }
    return frame
