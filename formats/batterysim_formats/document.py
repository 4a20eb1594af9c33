"""A result as a file of any format."""

from collections.abc import Iterator, Mapping
from typing import Any, assert_never

from batterysim import names
from batterysim.result_format import ResultFormat
from batterysim.results import ResultMetadata
from batterysim_formats.archive import zip_pieces
from batterysim_formats.bdf import bdf_pieces
from batterysim_formats.rendering import arrow_pieces, csv_pieces, json_pieces, parquet_pieces
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


def file_pieces(wanted: ResultFormat, series: Series, head: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield a result's file.

    head: as of `head_of`.

    Raises:
        ValueError: the format takes more than that.
    """
    match wanted:
        case ResultFormat.PARQUET:
            return parquet_pieces(series)
        case ResultFormat.CSV:
            return csv_pieces(series)
        case ResultFormat.JSON:
            return json_pieces(series, head)
        case ResultFormat.BDF:
            return bdf_pieces(series)
        case ResultFormat.ZIP:
            return zip_pieces(series, head, head["metadata"]["name"])
        case ResultFormat.ARROW:
            return arrow_pieces(series)
        case ResultFormat.JOB_MANAGER:
            raise ValueError("the Job Manager's form has an id, which a result does not know")
        case _:
            assert_never(wanted)
