"""A sweep's table as a DataFrame, for notebooks and scripts."""

import io
import json
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from batterysim.results import PARQUET_METADATA_KEY, UNIT_METADATA_KEY

if TYPE_CHECKING:
    import pandas as pd


def read_frame(parquet: bytes) -> "pd.DataFrame":
    """Return a sweep's table.

    Its `attrs` have `units` by column, `varied`, the names of the columns that vary, and `design`, with the
    number of points and the hash of their values.
    """
    table = pq.read_table(io.BytesIO(parquet))
    about = json.loads(table.schema.metadata[PARQUET_METADATA_KEY])
    frame: pd.DataFrame = table.to_pandas()
    frame.attrs["units"] = {
        field.name: field.metadata[UNIT_METADATA_KEY].decode() for field in table.schema if field.metadata
    }
    frame.attrs["varied"] = list(frame.columns[1 : frame.columns.get_loc("status")])
    ((kind, settings),) = about["spec"]["design"].items()
    levels = {"levels": settings["levels"]} if "levels" in settings else {}
    frame.attrs["design"] = about["design"] | {"kind": kind} | levels
    return frame
