"""The formats that the bridge gives results in."""

from enum import StrEnum
from pathlib import PurePath

from batterysim_client.errors import RefusedError


class ResultFormat(StrEnum):
    """A format of a result."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON = "json"
    BDF = "bdf"
    ZIP = "zip"
    ARROW = "arrow"
    JOB_MANAGER = "jobManager"


_BY_ENDING = {
    ".bdf.csv": ResultFormat.BDF,
    ".parquet": ResultFormat.PARQUET,
    ".csv": ResultFormat.CSV,
    ".json": ResultFormat.JSON,
    ".zip": ResultFormat.ZIP,
    ".arrows": ResultFormat.ARROW,
    ".arrow": ResultFormat.ARROW,
}


def format_of(path: PurePath) -> ResultFormat:
    """Return the format that a file's name asks for.

    >>> format_of(PurePath("cell.bdf.csv"))
    <ResultFormat.BDF: 'bdf'>

    Raises:
        RefusedError: its ending is none of ours.
    """
    for ending, result_format in _BY_ENDING.items():
        if path.name.lower().endswith(ending):
            return result_format
    raise RefusedError(
        f"{path.name!r} does not tell the format: let it end in {', '.join(_BY_ENDING)}, or name the format"
    )
