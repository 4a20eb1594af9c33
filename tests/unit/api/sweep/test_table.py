"""A design's points in a CSV."""

import pytest

from batterysim.sweep.table import TableError, read_table
from tests.unit.api.sweep.builders import C_RATE, THICKNESS

TEMPERATURE = "cell.ambientTemperatureCelsius"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_lines_and_columns_are_divided_as_in_profiles(separator: str, line_end: str) -> None:
    lines = [separator.join(cells) for cells in ((C_RATE, "model.family"), ("0.5", "SPM"), ("1", "DFN"))]

    table = read_table(line_end.join(lines) + line_end)

    assert table.names == (C_RATE, "model.family")
    assert table.rows == ((0.5, "SPM"), (1.0, "DFN"))


def test_a_quoted_value_may_have_separators_and_line_ends() -> None:
    table = read_table(f'{C_RATE},cell.parameterSet\n1,"a, b\nc"\n')

    assert table.rows == ((1.0, "a, b\nc"),)


def test_blank_lines_are_no_points() -> None:
    assert read_table(f"\n{C_RATE}\n\n1\n  \n2\n\n").rows == ((1.0,), (2.0,))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f'{C_RATE}\n1\n""\n3\n', f"line 3: {C_RATE!r} is empty: write a value, or remove the line"),
        (f'{C_RATE}\n1\n"  "\n3\n', f"line 3: {C_RATE!r} is empty: write a value"),
        (f"{C_RATE},{TEMPERATURE}\n1,20\n,\n", f"line 3: {C_RATE!r} is empty: write a value"),
        (f"{C_RATE},{TEMPERATURE}\n1,20\n1,\n", f"line 3: {TEMPERATURE!r} is empty: write a value"),
        (f"{C_RATE}\t{TEMPERATURE}\n1\t20\n\t\n", f"line 3: {C_RATE!r} is empty: write a value"),
        (f"{C_RATE}\nnan\n", f"line 2: {C_RATE!r} is 'nan': write a number that is finite"),
    ],
)
def test_no_point_lacks_a_value(text: str, problem: str) -> None:
    with pytest.raises(TableError) as error:
        read_table(text)
    assert str(error.value).startswith(problem)


@pytest.mark.parametrize(
    "rest", ["\n3\n4\n", "9" * 200_000], ids=["to the end of the text", "longer than a cell may be"]
)
def test_a_quotation_mark_that_is_not_closed_is_found_where_it_is(rest: str) -> None:
    with pytest.raises(TableError, match=r"^line 3: .*: close each quotation mark"):
        read_table(f'{C_RATE}\n1\n"2{rest}')


def test_lines_are_counted_as_an_editor_does() -> None:
    with pytest.raises(TableError, match=r"^line 5: "):
        read_table(f'{C_RATE},cell.parameterSet\r\n1,"a\r\nb"\r\n\r\n2\r\n')


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (THICKNESS, f"cell.parameters['{THICKNESS}']"),
        (C_RATE, C_RATE),
        ("model.options['SEI']", "model.options.SEI"),
    ],
)
def test_no_two_headings_are_one_field(first: str, second: str) -> None:
    with pytest.raises(TableError) as error:
        read_table(f"{first},{second}\n1,2\n")
    assert str(error.value) == (
        f"line 1: {first!r} and {second!r} are the same field: remove one of the columns"
    )
