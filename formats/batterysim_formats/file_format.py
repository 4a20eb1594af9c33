"""The formats that a result can be written in."""

from enum import StrEnum


class FileFormat(StrEnum):
    """A format for files."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON = "json"
    BDF = "bdf"
    ZIP = "zip"

    @property
    def ending(self) -> str:
        """How the names of such files end."""
        return "bdf.csv" if self is FileFormat.BDF else self.value
