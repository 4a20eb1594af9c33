"""A result, or a part of it, to be fetched by those who cannot await."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from batterysim_client.portal import Portal
from batterysim_client.result_format import ResultFormat
from batterysim_client.results.async_result import AsyncResult

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class Result:
    """An `AsyncResult` whose methods return when they are done. They are described there."""

    def __init__(self, result: AsyncResult, portal: Portal) -> None:
        self._result = result
        self._portal = portal

    def pieces(self, wanted: ResultFormat | str = ResultFormat.PARQUET) -> Iterator[bytes]:
        """Yield the file piece by piece, in constant memory."""
        return self._portal.iterate(self._result.pieces(wanted))

    def read(self, wanted: ResultFormat | str = ResultFormat.PARQUET) -> bytes:
        """Return the file."""
        return self._portal.run(self._result.read, wanted)

    def save(self, path: str | os.PathLike[str], wanted: ResultFormat | str | None = None) -> Path:
        """Write the file in constant memory, in the format that its name ends in, and return its path."""
        return self._portal.run(self._result.save, path, wanted)

    def to_arrow(self) -> "pa.Table":
        """Return the series as an Arrow table."""
        return self._portal.run(self._result.to_arrow)

    def to_pandas(self) -> "pd.DataFrame":
        """Return the series as a data frame."""
        return self._portal.run(self._result.to_pandas)

    def __repr__(self) -> str:
        return f"<Result of {self._result.name}>"
