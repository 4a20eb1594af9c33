"""In which formats a result is offered, and which one a client asks for."""

from enum import StrEnum

from batterysim.result_format import NEGOTIABLE_FORMATS, ResultFormat
from batterysim_bridge.http.problem import NOT_ACCEPTABLE, ProblemError

TABLE_FORMATS = (ResultFormat.PARQUET, ResultFormat.CSV, ResultFormat.JSON, ResultFormat.ARROW)
"""What a sweep's table is offered in, and what its points' results are."""


class Orient(StrEnum):
    """The value of `?orient=`: how JSON arranges the numbers."""

    COLUMNS = "columns"
    RECORDS = "records"


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
        for offered in NEGOTIABLE_FORMATS:
            media_type = offered.facts.media_type
            if wanted in ("*/*", media_type, media_type.partition("/")[0] + "/*"):
                return offered
    types = ", ".join(offered.facts.media_type for offered in NEGOTIABLE_FORMATS)
    raise ProblemError(NOT_ACCEPTABLE, f"Accept is {accept!r}: ask for {types}")


def choose_table_format(query: str | None, accept: str | None) -> ResultFormat:
    """Return the format of a sweep's table that a client wants most.

    Raises:
        ProblemError: it wants none of these.
    """
    wanted = choose_format(query, accept)
    if wanted not in TABLE_FORMATS:
        raise ProblemError(NOT_ACCEPTABLE, f"format is {wanted.value!r}: ask for {', '.join(TABLE_FORMATS)}")
    return wanted


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
