"""What the encoding of a result's file costs, for decision 035: its size, and what a reader of it holds.

PYTHONPATH=hack .venv/bin/python -m bench.encodings
"""

import io
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.parquet as pq
from devtools.samples import metadata
from rich.console import Console
from rich.table import Table

from batterysim.checks.validation import parse_spec
from batterysim.results import PARQUET_OPTIONS
from batterysim_bridge.store.content import READ_AHEAD_BYTES
from batterysim_formats.series import BATCH_ROWS
from batterysim_runner.report.result_file import encode
from batterysim_runner.solution import solve

POINTS = 100_000
PROTOCOLS: dict[str, dict[str, object]] = {
    "discharge": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3600}},
    "drive cycle": {"driveCycle": {"name": "WLTC", "scale": 1 / 8000}},
}
ENCODINGS: dict[str, Mapping[str, object]] = {
    "pyarrow's default, zstd": {"compression": "zstd"},
    "PARQUET_OPTIONS": PARQUET_OPTIONS,
}


def main() -> None:
    """Print a table."""
    table = Table(title=f"Results of an SPMe, the discharge with {POINTS} points")
    for heading in ("result", "encoding", "kB", "a reader's kB at most"):
        table.add_column(heading, justify="right")
    for protocol, series in results():
        for name, options in ENCODINGS.items():
            sink = io.BytesIO()
            pq.write_table(series, sink, **options)
            content = sink.getvalue()
            table.add_row(protocol, name, f"{len(content) / 1e3:.0f}", f"{held_by_reader(content) / 1e3:.0f}")
    Console().print(table)


def results() -> Iterator[tuple[str, pa.Table]]:
    """Yield results as Arrow tables."""
    for name, protocol in PROTOCOLS.items():
        spec = {
            "model": {"family": "SPMe"},
            "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 0.9},
            "protocol": protocol,
            "output": {"points": POINTS} if name == "discharge" else {},
        }
        yield name, pq.read_table(io.BytesIO(encode(solve(parse_spec(spec)), metadata())))


def held_by_reader(content: bytes) -> int:
    """Return the most bytes that Arrow has allocated while a file is read in small batches."""
    before, most = pa.total_allocated_bytes(), 0
    source = pa.BufferReader(content)
    for _ in pq.ParquetFile(source, buffer_size=READ_AHEAD_BYTES).iter_batches(BATCH_ROWS):
        most = max(most, pa.total_allocated_bytes() - before)
    return most


if __name__ == "__main__":
    main()
