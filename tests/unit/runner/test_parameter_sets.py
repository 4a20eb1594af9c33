"""The cells on offer: written down as PyBaMM has them, and each of them works with each model."""

from pathlib import Path
from typing import get_args

import numpy as np
import pybamm
import pytest

from batterysim.spec import ModelFamily, ParameterSet
from batterysim.validation import parse_spec
from batterysim_data import data_file
from batterysim_runner.parameter_sets import parameter_defaults, render, render_table
from batterysim_runner.solution import solve

SETS, FAMILIES = get_args(ParameterSet), get_args(ModelFamily)


@pytest.mark.parametrize("name", SETS)
def test_the_file_is_what_pybamm_says(name: str) -> None:
    written = data_file("parameter_sets", f"{name}.json").read_text(encoding="utf-8")

    assert written == render(name), "run `make generate`"


def test_the_page_lists_all_cells() -> None:
    page = Path(__file__).parents[3] / "docs" / "cells.md"

    assert page.read_text(encoding="utf-8") == render_table(), "run `make generate`"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", SETS)
def test_each_cell_with_each_model_equals_pybamm(name: str, family: str) -> None:
    current = (parameter_defaults(name)["Nominal cell capacity [A.h]"] or 0) / 2
    spec = parse_spec(
        {
            "model": {"family": family},
            "cell": {"parameterSet": name, "initialStateOfCharge": 0.5},
            "protocol": {"constantCurrent": {"currentAmperes": current, "durationSeconds": 600}},
            "output": {"points": 11},
        }
    )
    parameters = pybamm.ParameterValues(name)
    parameters["Current function [A]"] = current
    model = getattr(pybamm.lithium_ion, family)()

    voltage = solve(spec).output()["Voltage [V]"]

    solution = pybamm.Simulation(model, parameter_values=parameters).solve(
        [0, 600], t_interp=np.linspace(0, 600, 11), initial_soc=0.5
    )
    assert len(voltage) == 11
    np.testing.assert_allclose(voltage, solution["Voltage [V]"].entries, rtol=1e-9)
