"""A function of one, two or three variables in a CSV table: points of a grid, one in each row."""

import csv
import math
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

MAX_ROWS = 20_000
MAX_VARIABLES = 3
BYTE_ORDER_MARK = "\ufeff"

LEAST_POINTS = {"Linear": 2, "Cubic": 4, "Pchip": 2}
"""Fewest values of each variable, by the kind of interpolation."""


class FunctionTableError(ValueError):
    """A table that is no function. The message names the line, what is there, and what to do."""


class FunctionTable(NamedTuple):
    """Values at all points of a grid.

    variables: their names, in the order of the axes.
    axes: the values of each variable, increasing.
    values: at each combination; the last variable changes the fastest.
    """

    variables: tuple[str, ...]
    axes: tuple[tuple[float, ...], ...]
    values: tuple[float, ...]


class _Row(NamedTuple):
    line: int
    place: tuple[float, ...]
    value: float


def read_function_table(text: str, names: Sequence[str], interpolation: str = "Linear") -> FunctionTable:
    """Read a table. Columns are separated by a comma, a semicolon or a tab.

    names: what its variables may be called. Without headings there are two columns: the first of these names
        and the value.

    Raises:
        FunctionTableError: for the first line that is wrong.
    """
    lines = [
        (number, line)
        for number, line in enumerate(text.removeprefix(BYTE_ORDER_MARK).splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if len(lines) > MAX_ROWS + 1:
        raise FunctionTableError(f"has {len(lines)} rows, more than {MAX_ROWS}: use fewer points")
    delimiter = next((sign for sign in "\t;" if lines and sign in lines[0][1]), ",")
    cells = [(number, _cells(line, delimiter)) for number, line in lines]
    variables: tuple[str, ...] = (names[0],)
    if cells and not any(map(_is_number, cells[0][1])):
        variables = _variables(cells[0][0], cells[0][1], names)
        cells = cells[1:]
    rows = [_row(number, row, len(variables) + 1) for number, row in cells]
    return _on_grid(variables, rows, interpolation)


def _variables(line: int, headings: list[str], names: Sequence[str]) -> tuple[str, ...]:
    known = {name.lower(): name for name in names}
    found = [known.get(heading.split("[")[0].split("(")[0].strip().lower()) for heading in headings[:-1]]
    for heading, name in zip(headings, found, strict=False):
        if name is None:
            raise FunctionTableError(
                f"line {line}: the heading {heading[:80]!r} is no variable of this function: use "
                f"{' or '.join(names)}, and put the values into the last column"
            )
    variables = tuple(name for name in found if name is not None)
    if not variables or len(variables) > MAX_VARIABLES or len(set(variables)) < len(variables):
        raise FunctionTableError(
            f"line {line}: write one to {MAX_VARIABLES} different variables, then the value, not "
            f"{', '.join(headings)[:80]!r}"
        )
    return variables


def _row(line: int, cells: list[str], columns: int) -> _Row:
    if len(cells) != columns:
        raise FunctionTableError(
            f"line {line}: has {len(cells)} columns, not {columns}: write each variable, then the value"
        )
    for cell in cells:
        if not _is_number(cell):
            raise FunctionTableError(f"line {line}: {cell[:80]!r} is not a finite number: correct it")
    numbers = [float(cell) for cell in cells]
    return _Row(line, tuple(numbers[:-1]), numbers[-1])


def _on_grid(variables: tuple[str, ...], rows: list[_Row], interpolation: str) -> FunctionTable:
    axes = tuple(tuple(sorted({row.place[axis] for row in rows})) for axis in range(len(variables)))
    least = LEAST_POINTS[interpolation]
    for name, axis in zip(variables, axes, strict=True):
        if len(axis) < least:
            raise FunctionTableError(
                f"has {len(axis)} value{'s' * (len(axis) != 1)} of {name}, but {interpolation} needs at "
                f"least {least}: add rows, or leave out this variable"
            )
    by_place: dict[tuple[float, ...], _Row] = {}
    for row in rows:
        if (other := by_place.setdefault(row.place, row)) is not row:
            raise FunctionTableError(
                f"line {row.line}: has the same {' and '.join(variables)} as line {other.line}: remove one"
            )
    if len(by_place) < math.prod(map(len, axes)):
        lost = next(place for place in product(*axes) if place not in by_place)
        where = ", ".join(f"{name} = {value:g}" for name, value in zip(variables, lost, strict=True))
        raise FunctionTableError(f"there is no row for {where}: each combination of values needs one")
    return FunctionTable(variables, axes, tuple(by_place[place].value for place in product(*axes)))


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
