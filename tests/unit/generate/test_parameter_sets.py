"""The cells on offer are written down as PyBaMM has them."""

from typing import get_args

import pytest
from generate.parameter_sets import render

from batterysim.spec.cell import ParameterSet
from batterysim_data import data_file


@pytest.mark.parametrize("name", get_args(ParameterSet))
def test_the_file_is_what_pybamm_says(name: str) -> None:
    written = data_file("parameter_sets", f"{name}.json").read_text(encoding="utf-8")

    assert written == render(name), "run `make generate`"
