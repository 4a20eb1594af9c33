"""Uses what operator and bridge need of the environment: a build fails where slim.py has taken too much."""

import tempfile

import fastapi
import httptools
import kopf
import kubernetes.aio.client
import kubernetes.config
import msgspec
import obstore.store
import pyarrow.compute
import resvg_py
import uvicorn
import yaml
from check_tables import TABLE, check_tables

MODULES = (fastapi, httptools, kopf, kubernetes.config, resvg_py, uvicorn)


def main() -> None:
    """Read and write a little of everything."""
    assert pyarrow.compute.sum(TABLE["time"]).as_py() == 1.0
    assert TABLE.filter(pyarrow.compute.field("time") > 0).num_rows == 1
    check_tables()
    with tempfile.TemporaryDirectory() as folder:
        obstore.store.LocalStore(folder)
    assert yaml.load(b"{a: 1}", yaml.CSafeLoader) == msgspec.json.decode(b'{"a": 1}')
    kubernetes.aio.client.Configuration()
    print(f"check_operator: read and written; {len(MODULES)} more are there")


if __name__ == "__main__":
    main()
