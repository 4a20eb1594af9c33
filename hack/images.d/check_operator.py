"""Uses what operator and bridge need of the environment: a build fails where slim.py has taken too much."""

import tempfile
from pathlib import Path

import fastapi
import httptools
import kopf
import kubernetes.aio.client
import kubernetes.config
import msgspec
import obstore.store
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet
import resvg_py
import uvicorn
import yaml

MODULES = (fastapi, httptools, kopf, kubernetes.config, resvg_py, uvicorn)


def main() -> None:
    """Read and write a little of everything."""
    table = pa.table({"time": [0.0, 1.0], "name": ["a", "b"]})
    assert pyarrow.compute.sum(table["time"]).as_py() == 1.0
    assert table.filter(pyarrow.compute.field("time") > 0).num_rows == 1
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "table")
        pyarrow.parquet.write_table(table, path, compression="zstd")
        assert pyarrow.parquet.read_table(path).equals(table)
        pyarrow.feather.write_feather(table, path)
        assert pyarrow.feather.read_table(path).equals(table)
        pyarrow.csv.write_csv(table, path)
        obstore.store.LocalStore(folder)
    assert yaml.load(b"{a: 1}", yaml.CSafeLoader) == msgspec.json.decode(b'{"a": 1}')
    kubernetes.aio.client.Configuration()
    print(f"check_operator: read and written; {len(MODULES)} more are there")


if __name__ == "__main__":
    main()
