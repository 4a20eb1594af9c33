"""What a result costs on its way into a store and out again, for decision 010.

PYTHONPATH=hack .venv/bin/python -m bench.store

Both stores are on this machine, so the bucket's times are without a network's.
"""

import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from batterysim.results import EndReason, Provenance, ResultMetadata, RunnerTimes, Summary
from batterysim_bridge.store.content import blocks
from batterysim_bridge.store.settings import BucketSettings, StoreSettings
from batterysim_bridge.store.store import ResultRecord
from batterysim_bridge.store.stores import open_stores

SERVER = Path(__file__).parents[1] / "services" / "s3-server"
MEGABYTE = 1 << 20
SIZES = (5, 1000)
NOW = datetime.now(UTC)
METADATA = ResultMetadata(
    summary=Summary(end_reason=EndReason.DURATION_REACHED),
    provenance=Provenance(pybamm_version="", runner_version="", image="", spec_sha256="0" * 64, pod_name=""),
    times=RunnerTimes(runner_started_time=NOW, solver_imported_time=NOW, solved_time=NOW),
)


def main() -> None:
    """Measure each store in a process of its own, for the sake of its peak memory."""
    table = Table("store", "MB", "in, s", "out, s", "more memory, MB", title="A result in and out")
    with tempfile.TemporaryDirectory() as directory, s3_server(Path(directory)) as endpoint:
        for store in ("directory", "bucket"):
            for size in SIZES:
                arguments = [
                    sys.executable,
                    "-m",
                    "bench.store",
                    directory,
                    endpoint,
                    store,
                    str(size),
                ]
                table.add_row(store, str(size), *subprocess.check_output(arguments, text=True).split())
    Console().print(table)


@contextmanager
def s3_server(directory: Path) -> Iterator[str]:
    """Run the S3 server; yield its URL."""
    subprocess.run([SERVER, "install"], check=True, stdout=subprocess.DEVNULL)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    for owner in ("AWS", "ROOT"):
        os.environ |= {f"{owner}_ACCESS_KEY_ID": "bench", f"{owner}_SECRET_ACCESS_KEY": "bench-secret"}
    server = subprocess.Popen([SERVER, "run", directory / "s3", address, "bench"], stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait()


def measure(directory: Path, endpoint: str, store: str, megabytes: int) -> None:
    """Print the seconds in and out, and by how much the process's peak memory has grown."""
    bucket = BucketSettings(bucket="bench", prefix=store, endpoint=endpoint, allow_http=True)
    s3 = bucket if store == "bucket" else None
    results = open_stores(StoreSettings(directory=directory / "local", s3=s3)).results
    before = peak_megabytes()
    record = ResultRecord(
        namespace="default",
        name="bench",
        uid=f"00000000-0000-0000-0000-{megabytes:012}",
        sha256="0" * 64,
        size_bytes=megabytes * MEGABYTE,
        rows=0,
        metadata=METADATA,
        received_time=NOW,
        stored_time=NOW,
    )
    with results.incoming() as file:
        with file.open("wb") as target:
            for _ in range(megabytes):
                target.write(os.urandom(MEGABYTE))
        started = time.perf_counter()
        results.commit(file, record)
    stored = time.perf_counter()
    for _block in blocks(results.open(record), range(record.size_bytes)):
        pass
    ended = time.perf_counter()
    print(f"{stored - started:.2f} {ended - stored:.2f} {peak_megabytes() - before:.0f}")


def peak_megabytes() -> float:
    """Return the process's peak memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main()
