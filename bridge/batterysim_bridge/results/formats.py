"""In which formats a result is offered, and which one a client asks for."""

from enum import StrEnum

from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim_bridge.http.problem import NOT_ACCEPTABLE, ProblemError


class Orient(StrEnum):
    """The value of `?orient=`: how JSON arranges the numbers."""

    COLUMNS = "columns"
    RECORDS = "records"


class ResultFormat(StrEnum):
    """The value of `?format=`."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON = "json"
    ARROW = "arrow"
    BDF = "bdf"
    ZIP = "zip"
    JOB_MANAGER = "jobManager"


FILE_NAME_ENDINGS = {
    ResultFormat.PARQUET: "parquet",
    ResultFormat.CSV: "csv",
    ResultFormat.JSON: "json",
    ResultFormat.ARROW: "arrows",
    ResultFormat.BDF: "bdf.csv",
    ResultFormat.ZIP: "zip",
    ResultFormat.JOB_MANAGER: "json",
}

MEDIA_TYPES = {
    ResultFormat.PARQUET: PARQUET_MEDIA_TYPE,
    ResultFormat.CSV: "text/csv",
    ResultFormat.JSON: "application/json",
    ResultFormat.ARROW: "application/vnd.apache.arrow.stream",
    ResultFormat.ZIP: "application/zip",
}
"""What a client can ask for by Accept, the default first."""

ANSWER_TYPES = MEDIA_TYPES | {ResultFormat.BDF: "text/csv", ResultFormat.JOB_MANAGER: "application/json"}
"""What an answer is; two of them have no media type of their own to ask for."""


def choose_format(query: str | None, accept: str | None) -> ResultFormat:
    """Return the format that a client wants most; `?format=` wins over Accept.

    Raises:
        ProblemError: it wants none of ours.
    """
    if query is not None:
        if query not in list(ResultFormat):
            raise ProblemError(NOT_ACCEPTABLE, f"format is {query!r}: ask for {', '.join(ResultFormat)}")
        return ResultFormat(query)
    for wanted in _media_ranges(accept or "*/*"):
        for result_format, media_type in MEDIA_TYPES.items():
            if wanted in ("*/*", media_type, media_type.partition("/")[0] + "/*"):
                return result_format
    raise ProblemError(NOT_ACCEPTABLE, f"Accept is {accept!r}: ask for {', '.join(MEDIA_TYPES.values())}")


def _media_ranges(accept: str) -> list[str]:
    """Return the media ranges of an Accept header (RFC 9110, 12.5.1), the most wanted first."""
    ranges = []
    for part in accept.split(","):
        media_range, *parameters = (item.strip().lower() for item in part.split(";"))
        ranges.append((_quality(parameters), media_range))
    return [media_range for quality, media_range in sorted(ranges, key=lambda item: -item[0]) if quality > 0]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter.removeprefix("q="))
            except ValueError:
                return 0.0
    return 1.0
