"""A table in CSV is a function of one to three variables, or it is said why not."""

import pytest

from batterysim.catalogue.function_table import (
    FunctionTable,
    FunctionTableError,
    read_function_table,
)

R0 = ("T_degC", "current", "soc")


def complaint(text: str, names: tuple[str, ...] = R0, interpolation: str = "Linear") -> str:
    with pytest.raises(FunctionTableError) as caught:
        read_function_table(text, names, interpolation)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "0,3.2\n1,4.2\n",
        "soc,OCV [V]\n0,3.2\n1,4.2\n",
        "SOC [-];U\n0;3.2\n1;4.2\n",
        "\ufeff# from the lab\nx\tU/V\n1\t4.2\n0\t3.2\n",
    ],
)
def test_one_variable_with_or_without_headings(text: str) -> None:
    table = read_function_table(text, ("soc", "x"))

    assert table.axes == ((0.0, 1.0),)
    assert table.values == (3.2, 4.2)


def test_two_variables_in_any_order_of_rows() -> None:
    text = "soc,T_degC,R0 [Ohm]\n0,25,3e-3\n1,25,2e-3\n0,-10,9e-3\n1,-10,8e-3\n"

    assert read_function_table(text, R0) == FunctionTable(
        ("soc", "T_degC"), ((0.0, 1.0), (-10.0, 25.0)), (9e-3, 3e-3, 8e-3, 2e-3)
    )


def test_three_variables() -> None:
    rows = [f"{t},{i},{s},{t + 10 * i + 100 * s}" for t in (0, 25) for i in (-1, 1) for s in (0, 0.5, 1)]

    table = read_function_table("\n".join(["T_degC,current,soc,R0", *rows]), R0)

    assert table.variables == R0
    assert table.values[:4] == (-10.0, 40.0, 90.0, 10.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("soc,R0\n0,1e-3\n", "has 1 value of soc, but Linear needs at least 2"),
        ("soc,R0\n0,1e-3\n0.5,x\n", "line 3: 'x' is not a finite number"),
        ("soc,R0\n0,1e-3\n0.5,nan\n", "line 3: 'nan' is not a finite number"),
        ("soc,R0\n0,1e-3\n0.5\n", "line 3: has 1 columns, not 2"),
        ("soc,R0\n0,1e-3\n0,2e-3\n1,3e-3\n", "line 3: has the same soc as line 2"),
        ("charge,R0\n0,1e-3\n1,2e-3\n", "line 1: the heading 'charge' is no variable of this function: use"),
        ("soc,soc,R0\n0,0,1\n1,1,2\n", "line 1: write one to 3 different variables"),
        ("soc,T_degC,R0\n0,25,1\n1,25,2\n0,0,3\n", "there is no row for soc = 1, T_degC = 0"),
        ("", "has 0 values of T_degC"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(text: str, words: str) -> None:
    assert complaint(text).startswith(words)


def test_a_cubic_needs_four_points() -> None:
    assert "but Cubic needs at least 4" in complaint("0,1\n0.5,2\n1,3\n", ("soc",), "Cubic")


def test_too_many_rows_are_refused() -> None:
    text = "\n".join(f"{row},1" for row in range(20_002))

    assert complaint(text, ("x",)) == "has 20002 rows, more than 20000: use fewer points"
