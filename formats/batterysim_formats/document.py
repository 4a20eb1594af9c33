"""A result as a file of any format."""

from collections.abc import Iterator, Mapping
from typing import Any

from batterysim import names
from batterysim.results import ResultMetadata
from batterysim_formats.archive import zip_pieces
from batterysim_formats.bdf import bdf_pieces
from batterysim_formats.file_format import FileFormat
from batterysim_formats.rendering import csv_pieces, json_pieces, parquet_pieces
from batterysim_formats.series import Series


def head_of(identity: Mapping[str, str], metadata: ResultMetadata) -> dict[str, Any]:
    """Return what a JSON document says before its numbers.

    identity: the simulation's name and, in a cluster, its namespace and UID.
    """
    return {
        "apiVersion": names.API_VERSION,
        "kind": "SimulationResult",
        "metadata": dict(identity),
        **metadata.to_json_dict(),
    }


def file_pieces(wanted: FileFormat, series: Series, head: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield a result's file.

    head: as of `head_of`.
    """
    match wanted:
        case FileFormat.PARQUET:
            return parquet_pieces(series)
        case FileFormat.CSV:
            return csv_pieces(series)
        case FileFormat.JSON:
            return json_pieces(series, head)
        case FileFormat.BDF:
            return bdf_pieces(series)
        case FileFormat.ZIP:
            return zip_pieces(series, head, head["metadata"]["name"])
