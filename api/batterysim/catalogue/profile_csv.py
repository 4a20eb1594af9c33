"""A quantity against time in a CSV file: two columns, checked row by row."""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

MAX_ROWS = 1_000_000
MAX_SECONDS = 31_536_000.0
MIN_INTERVAL_SECONDS = 1e-6
"""Closer points cannot be told apart in a run of a year, whose times have 16 digits."""

BYTE_ORDER_MARK = "\ufeff"
"""What spreadsheets begin a file with."""


class ProfileError(ValueError):
    """A profile that cannot be followed. The message names the line, what is there, and what to do."""


class Table(NamedTuple):
    """Values against time. Both have the same length, of at least 2; times begin at 0 and increase."""

    times_seconds: tuple[float, ...]
    values: tuple[float, ...]

    @property
    def duration_seconds(self) -> float:
        """Time of the last row."""
        return self.times_seconds[-1]


class _Row(NamedTuple):
    line: int
    time: float
    value: float


def read_profile(text: str) -> Table:
    """Read a profile: time in seconds, then the value. The first line may be a heading.

    Columns are separated by a comma, a semicolon or a tab; lines that begin with # say nothing.

    Raises:
        ProfileError: for the first line that is wrong.
    """
    rows = list(_rows(text))
    if len(rows) < 2:
        raise ProfileError(f"has {len(rows)} row{'s' if not rows else ''} of numbers: write at least two")
    if rows[0].time != 0:
        raise ProfileError(f"line {rows[0].line}: the first time is {rows[0].time:.15g}: begin at 0")
    for before, row in pairwise(rows):
        if row.time - before.time < MIN_INTERVAL_SECONDS:
            raise ProfileError(
                f"line {row.line}: time {row.time:.15g} does not come after {before.time:.15g}: "
                f"times must increase by at least {MIN_INTERVAL_SECONDS:g} s from row to row"
            )
    if rows[-1].time > MAX_SECONDS:
        raise ProfileError(
            f"line {rows[-1].line}: time {rows[-1].time:.15g} is more than a year: "
            f"write seconds, of which there may be {MAX_SECONDS:.0f}"
        )
    return Table(tuple(row.time for row in rows), tuple(row.value for row in rows))


def _rows(text: str) -> Iterator[_Row]:
    lines = [
        (number, line)
        for number, line in enumerate(text.removeprefix(BYTE_ORDER_MARK).splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if len(lines) > MAX_ROWS + 1:
        raise ProfileError(f"has {len(lines)} rows, more than {MAX_ROWS}: use a longer interval")
    delimiter = _delimiter(line for _, line in lines)
    for position, (number, line) in enumerate(lines):
        cells = [cell.strip().strip('"') for cell in line.split(delimiter)]
        if position == 0 and not any(map(_is_number, cells)):
            continue  # a heading
        yield _row(number, line, cells)


def _delimiter(lines: Iterable[str]) -> str:
    first = next(iter(lines), "")
    return next((delimiter for delimiter in "\t;" if delimiter in first), ",")


def _row(number: int, line: str, cells: list[str]) -> _Row:
    if len(cells) != 2:
        raise ProfileError(
            f"line {number}: {line.strip()[:80]!r} has {len(cells)} column{'s' if len(cells) != 1 else ''}: "
            "write two columns, the time in seconds and the value"
        )
    for cell, name in zip(cells, ("time", "value"), strict=True):
        if not _is_number(cell):
            raise ProfileError(f"line {number}: the {name} {cell[:80]!r} is no number: write such as 1.5")
        if not math.isfinite(float(cell)):
            raise ProfileError(f"line {number}: the {name} is {cell!r}: fill the gap, or leave the row out")
    return _Row(number, float(cells[0]), float(cells[1]))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
