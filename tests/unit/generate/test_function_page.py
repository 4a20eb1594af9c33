"""The page about a cell's functions has the parameters that are functions, with PyBaMM's variables."""

from pathlib import Path

from generate.function_page import table, with_table
from generate.parameter_functions import render

from batterysim_data import data_file

PAGE = (Path(__file__).parents[3] / "docs" / "cell-functions.md").read_text(encoding="utf-8")


def test_the_page_is_up_to_date() -> None:
    assert with_table(PAGE) == PAGE, "run `make generate`"
    assert table() in PAGE


def test_the_file_is_what_pybamm_says() -> None:
    written = data_file("parameter_functions.json").read_text(encoding="utf-8")

    assert written == render(), "run `make generate`"
