"""The formats of results, and everything that is known about each. `formats/` has what writes them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from batterysim.results import PARQUET_MEDIA_TYPE


class FormatFacts(NamedTuple):
    """The facts about a format.

    title: its name for a person.
    endings: how names of such files end; the first one is given to files, all are understood.
    media_type: of an answer over HTTP.
    is_negotiable: whether its media type selects it; only one format of each type has that.
    is_file: whether it is for keeping; the others are for programs.
    is_text: whether a terminal can show it.
    remark: what has to be known about it, if anything.
    """

    title: str
    endings: tuple[str, ...]
    media_type: str
    is_negotiable: bool = True
    is_file: bool = True
    is_text: bool = True
    remark: str = ""

    @property
    def ending(self) -> str:
        """How names of such files end, without the dot."""
        return self.endings[0]


class ResultFormat(StrEnum):
    """A format of a result. The first one is the default."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON = "json"
    ARROW = "arrow"
    BDF = "bdf"
    ZIP = "zip"
    JOB_MANAGER = "jobManager"

    @property
    def facts(self) -> FormatFacts:
        """The facts about it."""
        return _FACTS[self]


_ARROW_MEDIA_TYPE = "application/vnd.apache.arrow.stream"
_FACTS: Mapping[ResultFormat, FormatFacts] = {
    ResultFormat.PARQUET: FormatFacts("Parquet", ("parquet",), PARQUET_MEDIA_TYPE, is_text=False),
    ResultFormat.CSV: FormatFacts("CSV", ("csv",), "text/csv"),
    ResultFormat.JSON: FormatFacts("JSON", ("json",), "application/json"),
    ResultFormat.ARROW: FormatFacts(
        "Arrow", ("arrows", "arrow"), _ARROW_MEDIA_TYPE, is_file=False, is_text=False
    ),
    ResultFormat.BDF: FormatFacts(
        "BDF",
        ("bdf.csv",),
        "text/csv",
        is_negotiable=False,
        remark="Battery Data Format, where a charge is positive",
    ),
    ResultFormat.ZIP: FormatFacts(
        "ZIP", ("zip",), "application/zip", is_text=False, remark="Parquet, CSV, JSON and BDF"
    ),
    ResultFormat.JOB_MANAGER: FormatFacts(
        "Job Manager", ("json",), "application/json", is_negotiable=False, is_file=False
    ),
}

FILE_FORMATS = tuple(wanted for wanted in ResultFormat if wanted.facts.is_file)
"""Those for keeping."""
NEGOTIABLE_FORMATS = tuple(wanted for wanted in ResultFormat if wanted.facts.is_negotiable)
"""Those that a media type asks for, the default first."""


def formats_by_ending() -> dict[str, ResultFormat]:
    """Return the formats by the endings of files, with the dot: .bdf.csv before .csv, which it ends in."""
    found: dict[str, ResultFormat] = {}
    for wanted in ResultFormat:
        for ending in wanted.facts.endings:
            found.setdefault(f".{ending}", wanted)
    return dict(sorted(found.items(), key=lambda item: -item[0].count(".")))
