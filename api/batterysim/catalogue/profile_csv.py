"""A quantity against time in a CSV file: two columns, checked row by row."""

import csv
import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from batterysim.catalogue.column_heading import (
    Dimension,
    Heading,
    HeadingError,
    charge_is_positive,
    read_heading,
)

MAX_ROWS = 1_000_000
MAX_SECONDS = 31_536_000.0
MIN_INTERVAL_SECONDS = 1e-6
"""Closer points cannot be told apart in a run of a year, whose times have 16 digits."""

C_RATE = "CRate"
"""The quantity of a profile of C-rates, as a spec calls it."""

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


class Scales(NamedTuple):
    """What the numbers of the two columns are multiplied by to be in s and in A, W or V.

    The value's is negative where a positive current or power charges.
    """

    time: float = 1.0
    value: float = 1.0


class _Row(NamedTuple):
    line: int
    time: float
    value: float


class _Line(NamedTuple):
    number: int
    text: str


def read_profile(text: str, quantity: str, *, begins_at_zero: bool = True) -> Table:
    """Read a profile: time, then the value, each in the unit that its heading says, else in s, A, W or V.

    Columns are separated by a comma, a semicolon or a tab. The heading is the line before the numbers, also
    when it begins with #; other lines that begin with # are comments.

    quantity: Current, CRate, Power, Voltage or Temperature, which the heading must not contradict.
    begins_at_zero: whether the first time has to be 0; otherwise it may be later.

    Raises:
        ProfileError: for the first line that is wrong.
    """
    rows = list(_rows(text, _dimension_of(quantity)))
    if len(rows) < 2:
        raise ProfileError(f"has {len(rows)} row{'s' if not rows else ''} of numbers: write at least two")
    if rows[0].time < 0 or (begins_at_zero and rows[0].time != 0):
        begin = "begin at 0" if begins_at_zero else "begin at 0 or later"
        raise ProfileError(f"line {rows[0].line}: the first time is {rows[0].time:.15g}: {begin}")
    for before, row in pairwise(rows):
        if row.time - before.time < MIN_INTERVAL_SECONDS:
            raise ProfileError(
                f"line {row.line}: time {row.time:.15g} does not come after {before.time:.15g}: "
                f"times must increase by at least {MIN_INTERVAL_SECONDS:g} s from row to row"
            )
    if rows[-1].time > MAX_SECONDS:
        raise ProfileError(
            f"line {rows[-1].line}: time {rows[-1].time:.15g} is more than a year: "
            f"write seconds, at most {MAX_SECONDS:.0f}"
        )
    return Table(tuple(row.time for row in rows), tuple(row.value for row in rows))


def _dimension_of(quantity: str) -> Dimension:
    return Dimension.C_RATE if quantity == C_RATE else Dimension(quantity.lower())


def _quantity_of(dimension: Dimension) -> str:
    return C_RATE if dimension is Dimension.C_RATE else dimension.capitalize()


def _rows(text: str, dimension: Dimension) -> Iterator[_Row]:
    lines, comment = _lines(text)
    if len(lines) > MAX_ROWS + 1:
        raise ProfileError(f"has {len(lines)} rows, more than {MAX_ROWS}: use a longer interval")
    delimiter = delimiter_of(lines[0].text if lines else "")
    scales = Scales()
    for position, line in enumerate(lines):
        cells = cells_of(line.text, delimiter)
        if position == 0:
            if not any(map(is_number, cells)):
                scales = _scales(line.number, cells, dimension)
                continue
            if comment is not None and _is_heading(commented := cells_of(comment.text, delimiter)):
                scales = _scales(comment.number, commented, dimension)
        row = _row(line.number, line.text, cells)
        yield row._replace(time=row.time * scales.time, value=row.value * scales.value)


def _lines(text: str) -> tuple[list[_Line], _Line | None]:
    """Return the lines that count, and the last comment before them."""
    lines: list[_Line] = []
    comment = None
    for number, line in enumerate(text.removeprefix(BYTE_ORDER_MARK).splitlines(), 1):
        if not line.strip():
            continue
        if not line.lstrip().startswith("#"):
            lines.append(_Line(number, line))
        elif not lines:
            comment = _Line(number, line.lstrip().lstrip("#"))
    return lines, comment


def cells_of(line: str, delimiter: str) -> list[str]:
    """Return the columns of a line."""
    cells = next(csv.reader([line], delimiter=delimiter)) if '"' in line else line.split(delimiter)
    return [cell.strip() for cell in cells]


def _is_heading(cells: list[str]) -> bool:
    """Tell whether a comment is a heading: of two columns, each with a unit that is known."""
    try:
        return len(cells) == 2 and all(read_heading(cell).has_unit for cell in cells)
    except HeadingError:
        return False


def _scales(number: int, cells: list[str], dimension: Dimension) -> Scales:
    """Return what the headings say about the numbers below them."""
    if len(cells) != 2:
        raise ProfileError(_columns(number, cells))
    try:
        time = read_heading(cells[0])
        value = (
            Heading(cells[1], dimension, 1.0, False)
            if cells[1].lower() == "value"
            else read_heading(cells[1])
        )
    except HeadingError as error:
        raise ProfileError(f"line {number}: {error}") from error
    if time.dimension is not Dimension.TIME:
        raise ProfileError(f"line {number}: the first column is a {time.dimension}: write the time first")
    if value.dimension is not dimension:
        raise ProfileError(
            f"line {number}: {value.text!r} is a {value.dimension}, and the profile's quantity is "
            f"{_quantity_of(dimension)}: set it to {_quantity_of(value.dimension)}"
            if value.dimension is not Dimension.TIME
            else f"line {number}: both columns are times: write the {dimension} second"
        )
    sign = -1.0 if charge_is_positive(*cells) else 1.0
    return Scales(time.factor, sign * value.factor)


def _columns(number: int, cells: list[str]) -> str:
    shown = ",".join(cells)[:80]
    return (
        f"line {number}: {shown!r} has {len(cells)} column{'s' if len(cells) != 1 else ''}: "
        "write two columns, the time and the value"
    )


def delimiter_of(first_line: str) -> str:
    """Return what separates the columns."""
    return next((delimiter for delimiter in "\t;" if delimiter in first_line), ",")


def _row(number: int, line: str, cells: list[str]) -> _Row:
    if len(cells) != 2:
        raise ProfileError(_columns(number, [line.strip()] if len(cells) == 1 else cells))
    for cell, name in zip(cells, ("time", "value"), strict=True):
        if not is_number(cell):
            raise ProfileError(
                f"line {number}: the {name} {cell[:80]!r} is not a number: write for example 1.5"
            )
        if not math.isfinite(float(cell)):
            raise ProfileError(f"line {number}: the {name} is {cell!r}: fill the gap, or leave out the row")
    return _Row(number, float(cells[0]), float(cells[1]))


def is_number(cell: str) -> bool:
    """Tell whether a cell is a number, which may be infinite."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
