"""The cells on offer are written down as PyBaMM has them."""

from typing import get_args

import pytest

from batterysim.cell import ParameterSet
from batterysim_data import data_file
from batterysim_runner.parameter_sets import render


@pytest.mark.parametrize("name", get_args(ParameterSet))
def test_the_file_is_what_pybamm_says(name: str) -> None:
    written = data_file("parameter_sets", f"{name}.json").read_text(encoding="utf-8")

    assert written == render(name), "run `make generate`"
