"""The ZIP file: every format, whole, and written while it is sent."""

import io
import json
import zipfile
from collections.abc import Iterator

import pyarrow.parquet as pq

from batterysim_formats.archive import zip_pieces
from batterysim_formats.rendering import csv_pieces
from batterysim_formats.series import Series
from tests.unit.formats.builders import DISCHARGE, series

HEAD = {"kind": "SimulationResult", "metadata": {"name": "cell"}}


def archive(source: Series) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(zip_pieces(source, HEAD, "cell"))))


def test_it_holds_every_format_in_a_directory_of_its_own() -> None:
    content = archive(series())

    assert content.testzip() is None
    assert content.namelist() == [
        "cell/README.txt",
        "cell/cell.parquet",
        "cell/cell.csv",
        "cell/cell.json",
        "cell/cell.bdf.csv",
    ]


def test_each_file_is_the_format_itself() -> None:
    content = archive(series())

    table = pq.read_table(io.BytesIO(content.read("cell/cell.parquet")))
    assert table["Voltage [V]"].to_pylist() == next(
        numbers for column, numbers in DISCHARGE.items() if column.name == "Voltage [V]"
    )
    assert table.schema.field("Voltage [V]").metadata[b"unit"] == b"V"
    assert content.read("cell/cell.csv") == b"".join(csv_pieces(series()))
    assert json.loads(content.read("cell/cell.json"))["metadata"] == {"name": "cell"}
    assert content.read("cell/cell.bdf.csv").startswith(b'"Test Time / s"')


def test_the_readme_names_the_columns_and_the_signs() -> None:
    text = archive(series()).read("cell/README.txt").decode()

    assert "Discharge capacity [A.h]   in A.h" in text
    assert "A positive current discharges the cell." in text


def test_the_same_result_is_the_same_file() -> None:
    assert list(zip_pieces(series(), HEAD, "cell")) == list(zip_pieces(series(), HEAD, "cell"))


def test_it_is_written_while_the_result_is_read() -> None:
    """Most of a long result has been sent before its last points are read: memory does not grow with it."""
    whole = series()
    read: list[object] = []

    def batches(_: object) -> Iterator[object]:
        for number in range(100):
            read.append(number)
            yield from whole.batches()

    pieces = zip_pieces(Series(whole.schema, batches), HEAD, "cell")  # type: ignore[arg-type]

    assert sum(len(next(pieces)) for _ in range(5)) > 0
    assert len(read) < 100
