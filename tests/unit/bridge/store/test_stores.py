"""The stores that settings ask for."""

import subprocess
import sys

import pytest

from batterysim_bridge.store.bucket import Bucket
from batterysim_bridge.store.settings import StoreSettings
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.stores import open_stores

from ..builders import NAMESPACE, UID, files_under, put, stored_bytes

KEY = ResultKey(NAMESPACE, UID)


def test_without_a_bucket_everything_is_in_the_directory(tmp_path):
    stores = open_stores(StoreSettings(directory=tmp_path))
    put(stores.results, b"content")

    assert files_under(tmp_path) == {
        f"{NAMESPACE}/{UID}/{name}" for name in ("record.json", "result.parquet")
    }


def test_with_a_bucket_nothing_stays_in_the_directory(tmp_path, bucket_settings, bucket):
    stores = open_stores(StoreSettings(directory=tmp_path, s3=bucket_settings))
    put(stores.results, b"content")
    with stores.checkpoints.incoming() as file:
        file.write_bytes(b"checkpoint")
        stores.checkpoints.commit(file, KEY)

    assert files_under(tmp_path) == set()
    assert stored_bytes(stores.results, KEY) == b"content"
    assert {item.path.split("/")[0] for item in bucket.objects("")} == {"checkpoints", "results"}


def test_a_bridge_starts_without_its_bucket(tmp_path, bucket_settings):
    elsewhere = bucket_settings.model_copy(update={"endpoint": "http://127.0.0.1:1"})
    stores = open_stores(StoreSettings(directory=tmp_path, s3=elsewhere))

    with pytest.raises(OSError, match="object store"):
        put(stores.results, b"content")


def test_a_bucket_that_cannot_be_written_to_is_found_out_by_the_first_check(
    tmp_path, bucket_settings, monkeypatch
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody-else")
    stores = open_stores(StoreSettings(directory=tmp_path, s3=bucket_settings))

    with pytest.raises(OSError, match="No user exists"):
        stores.results.check()


def test_nothing_is_stored_where_the_first_result_could_be_overwritten(
    tmp_path, bucket_settings, monkeypatch
):
    stores = open_stores(StoreSettings(directory=tmp_path, s3=bucket_settings))
    monkeypatch.setattr(Bucket, "create", lambda *_: True)

    with pytest.raises(OSError, match="conditional writes"):
        put(stores.results, b"content")


def test_a_bridge_without_a_bucket_does_not_load_obstore():
    program = "import sys, batterysim_bridge.__main__; sys.exit('obstore' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
