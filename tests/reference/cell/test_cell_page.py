"""docs/cells.md: each cell with each model is what the page says, works as PyBaMM alone, or is refused."""

from itertools import product
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from generate.cell_page import render

from batterysim.catalogue.cell_kind import cell_kind
from batterysim.catalogue.model_options import in_text
from batterysim.catalogue.parameters import parameter_defaults
from batterysim.problem import InvalidSpecError
from batterysim.spec.cell import Cell, ParameterSet
from batterysim.spec.model import ModelFamily
from batterysim_runner.solution import solve
from tests.builders import constant_current, spec_of
from tests.reference.by_pybamm import POINTS, voltage_by_pybamm

SECONDS = 20
STARTS_EMPTY = ("Mohtat2020",)
OPTIONS = {
    (name, family): options
    for name in get_args(ParameterSet)
    for family, options in cell_kind(Cell(parameter_set=name)).models.items()
}
EVERY = list(product(get_args(ParameterSet), get_args(ModelFamily)))


def test_the_page_is_up_to_date() -> None:
    page = Path(__file__).parents[3] / "docs" / "cells.md"

    assert page.read_text(encoding="utf-8") == render(), "run `make generate`"


def test_each_cell_and_each_model_is_good_for_something() -> None:
    assert {name for name, _ in OPTIONS} == set(get_args(ParameterSet))
    assert {family for _, family in OPTIONS} == set(get_args(ModelFamily))


@pytest.mark.parametrize(("name", "family"), OPTIONS)
def test_what_works_equals_pybamm(name: ParameterSet, family: ModelFamily) -> None:
    options = OPTIONS[name, family]
    tenth = (parameter_defaults(name)["Nominal cell capacity [A.h]"] or 0) / 10
    amperes = -tenth if name in STARTS_EMPTY else tenth
    spec = spec_of(
        model={"family": family, "options": options},
        cell={"parameterSet": name},
        protocol=constant_current(amperes, SECONDS),
        output={"points": POINTS},
    )
    pybamm_options = {option: in_text(value) for option, value in options.items()}
    if family == "MSMR":
        pybamm_options["number of MSMR reactions"] = ("6", "4")

    voltage = solve(spec).output()["Voltage [V]"]

    expected = voltage_by_pybamm(family, name, pybamm_options, amperes=amperes, seconds=SECONDS)
    assert len(voltage) == POINTS
    np.testing.assert_allclose(voltage, expected, rtol=1e-9)


@pytest.mark.parametrize(("name", "family"), [cell for cell in EVERY if cell not in OPTIONS])
def test_what_does_not_work_is_refused_before_a_pod_starts(name: str, family: str) -> None:
    with pytest.raises(InvalidSpecError, match=rf"spec.model.family: {name} is an? .*: use "):
        spec_of(model={"family": family}, cell={"parameterSet": name})
