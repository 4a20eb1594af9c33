"""Points in a CSV file: a line of headings, then a line for each point."""

import csv
import io
import math
from collections.abc import Iterator
from typing import NamedTuple

from batterysim.catalogue.profile_csv import BYTE_ORDER_MARK, delimiter_of
from batterysim.sweep.field_path import Path, PathError, read_path, split_path
from batterysim.sweep.values import Value

MAX_ROWS = 1_000_000


class TableError(ValueError):
    """A table that cannot be used. The message names the line, the cell, and what to do."""


class PointTable(NamedTuple):
    """Points that are written down.

    names: the headings. paths: where the values of each column go. rows: the values, point by point.
    """

    names: tuple[str, ...]
    paths: tuple[Path, ...]
    rows: tuple[tuple[Value, ...], ...]


def read_table(text: str) -> PointTable:
    """Read a table. Columns are separated by a comma, a semicolon or a tab.

    Raises:
        TableError: for the first thing that is wrong.
    """
    lines = list(_lines(text))
    if len(lines) < 2:
        raise TableError("has no points: write a line of headings, then a line for each point")
    if len(lines) > MAX_ROWS + 1:
        raise TableError(f"has {len(lines) - 1} points, more than {MAX_ROWS}: divide it among several sweeps")
    (number, names), *rows = lines
    paths = tuple(_path(number, name) for name in names)
    _require_different(number, names, paths)
    return PointTable(tuple(names), paths, tuple(_row(line, cells, names) for line, cells in rows))


def path_below(name: str) -> Path:
    """Return where the values below a heading go: to a field if it is the path of one, or to a parameter.

    Raises:
        PathError: it looks like the path of a field, and there is no such field.
    """
    try:
        return read_path(name)
    except PathError:
        looks_like_parameter = " " in name or name.endswith("]") or len(split_path(name)) == 1
        if name and looks_like_parameter:
            return ("cell", "parameters", name)
        raise


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each line that is not blank, and its number."""
    lines = io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=None).readlines()
    first = next((line for line in lines if line.strip()), "")
    # A quoted cell may go on for several lines, which the reader counts.
    reader = csv.reader(lines, delimiter=delimiter_of(first.rstrip()), strict=True)
    while reader.line_num < len(lines):
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except csv.Error as error:
            raise TableError(
                f"line {number}: cannot be divided into cells ({error}): close each quotation mark, and "
                "write one within a quoted cell twice"
            ) from error
        if len(cells) > 1 or lines[number - 1].strip():
            yield number, [cell.strip() for cell in cells]


def _require_different(line: int, names: list[str], paths: tuple[Path, ...]) -> None:
    seen: dict[Path, str] = {}
    for name, path in zip(names, paths, strict=True):
        if path in seen:
            raise TableError(
                f"line {line}: {seen[path]!r} and {name!r} are the same field: remove one of the columns"
            )
        seen[path] = name


def _path(line: int, name: str) -> Path:
    try:
        return path_below(name)
    except PathError as error:
        raise TableError(f"line {line}: {error}") from error


def _row(line: int, cells: list[str], names: list[str]) -> tuple[Value, ...]:
    if len(cells) != len(names):
        raise TableError(
            f"line {line}: has {len(cells)} cells below {len(names)} headings: write one for each"
        )
    return tuple(_value(line, cell, name) for cell, name in zip(cells, names, strict=True))


def _value(line: int, cell: str, name: str) -> Value:
    try:
        number = float(cell)
    except ValueError:
        if not cell:
            raise TableError(f"line {line}: {name!r} is empty: write a value, or remove the line") from None
        return cell
    if not math.isfinite(number):
        raise TableError(f"line {line}: {name!r} is {cell!r}: write a number that is finite")
    return number
