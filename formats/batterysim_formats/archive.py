"""All formats in one ZIP file, written while it is sent."""

import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from batterysim.result_format import ResultFormat
from batterysim_formats.bdf import bdf_pieces
from batterysim_formats.rendering import columns_of, csv_pieces, json_pieces, parquet_pieces
from batterysim_formats.series import Series
from batterysim_formats.sink import Sink

README = """\
{name}: a result of batterysim

{name}.parquet   the result as it was stored: 64-bit floats, each column with its unit
{name}.csv       the same numbers as text
{name}.json      the same numbers, the summary and the versions that produced the result
{name}.bdf.csv   the same numbers in the Battery Data Format

A positive current discharges the cell. In the Battery Data Format alone it is the other way round:
there current, power and charge are positive when the cell is charged.

Columns:
{columns}
"""


def zip_pieces(series: Series, head: Mapping[str, Any], name: str) -> Iterator[bytes]:
    """Yield a ZIP file with the result in Parquet, CSV, JSON and BDF, and a README.

    The same result is the same file, to the last byte.
    """
    files: dict[str, Iterator[bytes]] = {
        "README.txt": iter([_readme(series, name).encode()]),
        f"{name}.{ResultFormat.PARQUET.facts.ending}": parquet_pieces(series),
        f"{name}.{ResultFormat.CSV.facts.ending}": csv_pieces(series),
        f"{name}.{ResultFormat.JSON.facts.ending}": json_pieces(series, head),
        f"{name}.{ResultFormat.BDF.facts.ending}": bdf_pieces(series),
    }
    sink = Sink()
    with zipfile.ZipFile(sink, "w") as archive:
        for file, pieces in files.items():
            # Without a date, which would differ from one download to the next. Parquet is compressed already.
            entry = zipfile.ZipInfo(f"{name}/{file}")
            entry.compress_type = zipfile.ZIP_STORED if file.endswith(".parquet") else zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as target:
                for piece in pieces:
                    target.write(piece)
                    yield sink.drain()
            yield sink.drain()
    yield sink.drain()


def _readme(series: Series, name: str) -> str:
    columns = "\n".join(f"{column['name']}   in {column['unit']}" for column in columns_of(series))
    return README.format(name=name, columns=columns)
