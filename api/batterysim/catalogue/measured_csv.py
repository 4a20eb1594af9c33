"""Measured data in a CSV file: of as many columns as the file has, the time and one quantity."""

from batterysim.catalogue.column_heading import Dimension, Heading, HeadingError, read_heading
from batterysim.catalogue.profile_csv import (
    BYTE_ORDER_MARK,
    ProfileError,
    Table,
    cells_of,
    delimiter_of,
    is_number,
    read_profile,
)

COLUMNS = 2
SHOWN_HEADINGS = 12


def read_measured(text: str, quantity: str) -> Table:
    """Read data by the rules of a profile (see read_profile), but for two.

    There may be more columns than two where headings say which one is the time and which one the quantity.
    And the first time may be later than 0.

    quantity: Voltage, Current, Power or Temperature.

    Raises:
        ProfileError: for the first line that is wrong.
    """
    return read_profile(_two_columns(text, Dimension(quantity.lower())), quantity, begins_at_zero=False)


def _two_columns(text: str, dimension: Dimension) -> str:
    """Return the text with the time and the quantity only, each in the line where it was."""
    lines = text.removeprefix(BYTE_ORDER_MARK).splitlines()
    first = next((number for number, line in enumerate(lines) if _counts(line)), None)
    if first is None:
        return text
    delimiter = delimiter_of(lines[first])
    if len(cells_of(lines[first], delimiter)) <= COLUMNS:
        return text
    heading = _heading_line(lines, first, delimiter)
    headings = cells_of(lines[heading].lstrip().lstrip("#"), delimiter)
    chosen = _only(heading + 1, headings, Dimension.TIME), _only(heading + 1, headings, dimension)
    for number in range(first, len(lines)):
        if _counts(lines[number]):
            cells = cells_of(lines[number], delimiter)
            if len(cells) != len(headings):
                raise ProfileError(
                    f"line {number + 1}: {lines[number].strip()[:80]!r} has {len(cells)} columns, and the "
                    f"headings are {len(headings)}: write as many"
                )
            lines[number] = delimiter.join(_quoted(cells[place], delimiter) for place in chosen)
    if heading < first:
        lines[heading] = "#" + delimiter.join(_quoted(headings[place], delimiter) for place in chosen)
    return "\n".join(lines)


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _heading_line(lines: list[str], first: int, delimiter: str) -> int:
    """Return the place of the headings: the first line that counts, or the comment before it.

    Raises:
        ProfileError: there are none.
    """
    cells = cells_of(lines[first], delimiter)
    if not any(map(is_number, cells)):
        return first
    comment = next((place for place in reversed(range(first)) if lines[place].strip()), None)
    if comment is not None and len(cells_of(lines[comment], delimiter)) == len(cells):
        return comment
    raise ProfileError(
        f"line {first + 1}: has {len(cells)} columns, but there are no headings that say which is which: "
        "write a line of headings, such as 'Time [s],Current [A],Voltage [V]', or two columns"
    )


def _only(line: int, headings: list[str], dimension: Dimension) -> int:
    """Return the place of the column of a dimension: the only one, or the only one with a usual name.

    Raises:
        ProfileError: there is none, or there are several.
    """
    found = {
        place: heading
        for place, text in enumerate(headings)
        if (heading := _understood(text)) is not None and heading.dimension is dimension
    }
    usual = [place for place, heading in found.items() if heading.is_named and not _is_of_step(heading)]
    for places in (list(found), usual):
        if len(places) == 1:
            return places[0]
    if not found:
        shown = ", ".join(repr(text[:40]) for text in headings[:SHOWN_HEADINGS])
        raise ProfileError(
            f"line {line}: none of the headings {shown} is a {dimension}: add such a column, or "
            "correct its heading"
        )
    shown = " and ".join(repr(heading.text[:40]) for heading in found.values())
    raise ProfileError(f"line {line}: {shown} are each a {dimension}: leave one of them")


def _understood(text: str) -> Heading | None:
    try:
        return read_heading(text)
    except HeadingError:
        return None


def _is_of_step(heading: Heading) -> bool:
    """Tell whether a time begins again with each step of a cycler's program."""
    return heading.text.strip().lower().startswith("step")


def _quoted(cell: str, delimiter: str) -> str:
    return f'"{cell}"' if delimiter in cell else cell
