"""Functions of a cell are checked before a pod starts: their names, their words, and their values."""

import pytest

from batterysim.catalogue.cell_functions import function_variables, names_of
from batterysim.problem import InvalidSpecError
from tests.builders import Json, raw_spec, spec_of

CONDUCTIVITY = "Electrolyte conductivity [S.m-1]"
OCP = "Positive electrode OCP [V]"
DIFFUSIVITY = "Negative particle diffusivity [m2.s-1]"


def complaint(name: str, function: Json, **cell: object) -> str:
    with pytest.raises(InvalidSpecError) as caught:
        spec_of(cell={"functions": {name: function}, **cell})
    (problem,) = caught.value.problems
    assert problem.field.startswith(f"spec.cell.functions[{name!r}]")
    return str(problem).removeprefix(f"spec.cell.functions[{name!r}]")


@pytest.mark.parametrize(
    ("name", "function"),
    [
        (CONDUCTIVITY, {"expression": "0.1 * (c_e / 1000)**3 - 2.5 * (c_e / 1000)**1.5 + 3 * c_e / 1000"}),
        (CONDUCTIVITY, {"expression": "x / 1000 * exp(-1000 * (1 / T - 1 / 298.15))"}),
        (CONDUCTIVITY, {"expression": "0.95"}),
        (CONDUCTIVITY, {"scale": 0.8}),
        (CONDUCTIVITY, {"table": "c_e,T,kappa\n0,273,0.1\n0,323,0.2\n3000,273,1\n3000,323,1.5\n"}),
        (OCP, {"table": "0,4.5\n0.5,3.9\n0.8,3.6\n1,3\n", "interpolation": "Pchip"}),
        (OCP, {"configMapKeyRef": {"name": "cells", "key": "ocp.csv"}, "scale": 1.01}),
        # a number in the set, but a function to the model
        (DIFFUSIVITY, {"expression": "3.3e-14 * exp(-5000 * (1 / T - 1 / 298.15))"}),
        ("Positive electrode exchange-current density [A.m-2]",
         {"expression": "3e-6 * (c_e * c_s * (c_max - c_s))**0.5"}),
    ],
)  # fmt: skip
def test_what_can_be_a_function(name: str, function: Json) -> None:
    assert name in spec_of(cell={"functions": {name: function}}).cell.functions


@pytest.mark.parametrize(
    ("name", "function", "words"),
    [
        (CONDUCTIVITY, {"expression": "sqrt(x)"}, ".expression: unknown function 'sqrt'"),
        (CONDUCTIVITY, {"expression": "soc"}, ".expression: unknown variable 'soc': BPX has exp, tanh, cosh, "
         "and a variable c_e or T or x"),
        (CONDUCTIVITY, {"expression": "__import__('os')"}, ".expression: unknown function '__import__'"),
        (CONDUCTIVITY, {"expression": "1 / (x - 1000)"}, ".expression: is -0.002 at c_e = 500, T = 298.15, "
         "but must be above 0"),
        (CONDUCTIVITY, {"expression": "1 / (x - 500)"}, ".expression: has no value at c_e = 500"),
        (CONDUCTIVITY, {"expression": "(x - 1000)**0.5"}, ".expression: has no value at c_e = 500"),
        (OCP, {"expression": "4200 - 800 * x"}, ".expression: is 4160 V at x = 0.05, but a potential "
         "is -1 to 10 V"),
        (OCP, {"table": "0,4.5\n50,3.9\n100,3\n"}, ".table: x is a fraction from 0 to 1, not 100"),
        (CONDUCTIVITY, {"table": "T,kappa\n0,1\n40,2\n"}, ".table: T is in K, not 0"),
        (CONDUCTIVITY, {"table": "c_e,kappa\n0,0\n1000,1\n"}, ".table: is 0 at c_e = 0, but must be above 0"),
        (CONDUCTIVITY, {"table": "c_e,T,k\n0,273,1\n0,300,1\n9,273,1\n9,300,1\n", "interpolation": "Pchip"},
         ".interpolation: Pchip is for one variable"),
        ("Electrolyte conductivty [S.m-1]", {"scale": 2}, ": Chen2020 has no such parameter; use "
         "'Electrolyte conductivity [S.m-1]'"),
        ("Negative electrode thickness [m]", {"scale": 2}, ": PyBaMM takes a number for this, no function"),
        ("Current function [A]", {"expression": "1"}, ": set spec.protocol instead and remove this"),
    ],
)  # fmt: skip
def test_what_cannot(name: str, function: Json, words: str) -> None:
    assert complaint(name, function).startswith(words)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ({}, "set one of expression, table and configMapKeyRef, or a scale"),
        (
            {"expression": "1", "table": "0,1\n1,2\n"},
            "set at most one of expression, table and configMapKeyRef",
        ),
        ({"expression": "1", "interpolation": "Cubic"}, "interpolation is for a table: remove it"),
        ({"scale": 2, "interpolation": "Cubic"}, "interpolation is for a table: remove it"),
        ({"scale": 0}, "must be greater than 0"),
    ],
)
def test_one_thing_is_given(function: Json, words: str) -> None:
    with pytest.raises(InvalidSpecError, match=words):
        spec_of(cell={"functions": {CONDUCTIVITY: function}})


def test_a_parameter_is_a_number_or_a_function() -> None:
    text = complaint(DIFFUSIVITY, {"scale": 2}, parameters={DIFFUSIVITY: 1e-14})

    assert text == ": this parameter is in spec.cell.parameters, too: remove one of them"


def test_only_a_function_that_is_there_can_be_scaled() -> None:
    name = "Positive electrode conductivity [S.m-1]"
    assert spec_of(cell={"functions": {name: {"scale": 2}}})

    with pytest.raises(InvalidSpecError, match="Chen2020 has none that could be scaled"):
        spec_of(
            model={"options": {"lithium plating": "reversible"}},
            cell={
                "functions": {"Exchange-current density for plating [A.m-2]": {"scale": 2}},
                "parameters": {"Lithium plating transfer coefficient": 0.5},
            },
        )


def test_a_number_takes_the_place_of_a_function_but_of_no_potential() -> None:
    assert spec_of(cell={"parameters": {CONDUCTIVITY: 0.95}})

    with pytest.raises(InvalidSpecError, match="a potential that does not change has no state of charge"):
        spec_of(cell={"parameters": {OCP: 3.9}})


def test_what_a_circuits_elements_are_functions_of() -> None:
    for element in ("R0 [Ohm]", "R1 [Ohm]", "R10 [Ohm]", "C2 [F]"):
        assert function_variables(element) == ("T_degC", "current", "soc")
    assert function_variables("Primary: Negative electrode OCP [V]") == ("x",)
    assert function_variables("Negative electrode thickness [m]") is None


def test_x_is_the_first_variable_unless_that_is_a_temperature() -> None:
    assert names_of(("c_e", "T")) == ("c_e", "T", "x")
    assert names_of(("x", "T")) == ("x", "T")
    assert names_of(("T_degC", "current", "soc")) == ("T_degC", "current", "soc")


def test_a_circuit_from_tables() -> None:
    functions = {
        "Open-circuit voltage [V]": {"table": "soc,V\n0,3.0\n0.5,3.6\n1,4.2\n"},
        "R0 [Ohm]": {"table": "soc,T_degC,R\n0,0,0.02\n0,40,0.01\n1,0,0.015\n1,40,0.008\n"},
    }
    raw = raw_spec(model={"family": "Thevenin"})
    raw["cell"] = {"parameterSet": "ECM_Example", "functions": functions}

    assert spec_of(**raw).cell.functions["R0 [Ohm]"].table is not None
