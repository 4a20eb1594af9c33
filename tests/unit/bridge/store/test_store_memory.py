"""A large result takes no more memory than a small one, on its way in and out of a bucket."""

import subprocess
import sys

import pytest

from batterysim_bridge.store.settings import BucketSettings

MEGABYTE = 1 << 20
FILE_BYTES = 96 * MEGABYTE
GROWTH_BYTES = 32 * MEGABYTE

PROGRAM = """
import resource, sys
from pathlib import Path
from batterysim_bridge.store.bucket import Bucket
from batterysim_bridge.store.settings import BucketSettings
from batterysim_bridge.store.content import blocks

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

file = Path(sys.argv[1])
settings = BucketSettings(bucket="results", prefix=sys.argv[2], endpoint=sys.argv[3], allow_http=True)
bucket = Bucket.connect(settings)
bucket.check_writing()
before = peak()
bucket.upload("large", file, "application/octet-stream")
size = sum(map(len, blocks(bucket.open(bucket.find("large")), range(file.stat().st_size))))
print(size, peak() - before)
"""


@pytest.fixture
def large_file(tmp_path):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(FILE_BYTES)
    return path


def test_memory_does_not_grow_with_the_result(bucket_settings: BucketSettings, large_file):
    arguments = [str(large_file), bucket_settings.prefix, str(bucket_settings.endpoint)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, check=True, text=True
    )

    size, growth = map(int, done.stdout.split())

    assert size == FILE_BYTES
    assert growth < GROWTH_BYTES
