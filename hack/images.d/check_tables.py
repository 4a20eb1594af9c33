"""Uses what both images need of pyarrow."""

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

TABLE = pa.table({"time": [0.0, 1.0], "name": ["a", "b"]})


def check_tables() -> None:
    """Write a table in each format, and read it again."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "table")
        pyarrow.parquet.write_table(TABLE, path, compression="zstd")
        assert pyarrow.parquet.read_table(path).equals(TABLE)
        pyarrow.feather.write_feather(TABLE, path)
        assert pyarrow.feather.read_table(path).equals(TABLE)
        pyarrow.csv.write_csv(TABLE, path)
        assert pyarrow.csv.read_csv(path).num_rows == TABLE.num_rows
