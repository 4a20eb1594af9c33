"""Which format a word or a file's name asks for."""

from pathlib import PurePath

from batterysim.result_format import ResultFormat, formats_by_ending
from batterysim_client.errors import RefusedError
from batterysim_client.words import require_known

__all__ = ["ResultFormat", "format_of", "to_format"]


def to_format(wanted: ResultFormat | str) -> ResultFormat:
    """Return the format that a word names.

    Raises:
        RefusedError: it names none of ours.
    """
    require_known("format", [wanted], list(ResultFormat))
    return ResultFormat(wanted)


def format_of(path: PurePath) -> ResultFormat:
    """Return the format that a file's name asks for.

    >>> format_of(PurePath("cell.bdf.csv"))
    <ResultFormat.BDF: 'bdf'>

    Raises:
        RefusedError: its ending is none of ours.
    """
    known = formats_by_ending()
    for ending, result_format in known.items():
        if path.name.lower().endswith(ending):
            return result_format
    raise RefusedError(
        f"{path.name!r} has no known ending: let it end in {', '.join(known)}, or name the format"
    )
