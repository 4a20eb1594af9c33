"""A BPX file gives PyBaMM's own numbers, and a wrong one words that name the place in it."""

import importlib.util
import logging
import warnings
from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim.problem import InvalidSpecError
from batterysim.results import VOLTAGE
from batterysim_runner.cell.bpx_file import bpx_parameter_values
from batterysim_runner.cell.parameters import parameter_values
from batterysim_runner.solution import solve
from tests.builders import Json, bpx_cell, bpx_document, constant_current, spec_of
from tests.unit.api.checks.test_bpx import NEGATIVE, changed, without

CELL = ("Parameterisation", "Cell")


def by_pybamm(document: Json) -> pybamm.ParameterValues:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pybamm.ParameterValues.create_from_bpx_obj(document)


def volts_by_pybamm(parameters: pybamm.ParameterValues, seconds: Any, **solving: Any) -> Any:
    parameters["Current function [A]"] = 5.0
    solution = pybamm.Simulation(pybamm.lithium_ion.DFN(), parameter_values=parameters).solve(
        [0, seconds[-1]], t_interp=seconds, **solving
    )
    return solution[VOLTAGE.name](seconds)


@pytest.mark.parametrize("initial_soc", [None, 0.6])
def test_it_is_solved_as_pybamm_does(initial_soc: float | None) -> None:
    seconds = np.linspace(0, 600, 5)
    state = {} if initial_soc is None else {"initialStateOfCharge": initial_soc}

    trace = solve(
        spec_of(
            cell=bpx_cell(bpx_document(), **state),
            protocol=constant_current(5, 600),
            output={"points": 5},
        )
    )

    theirs = volts_by_pybamm(by_pybamm(bpx_document()), seconds, initial_soc=initial_soc)
    np.testing.assert_allclose(trace.values[VOLTAGE.name][trace.in_output], theirs, rtol=1e-9, atol=0)


def test_the_example_is_chen2020_in_other_words() -> None:
    seconds = np.linspace(0, 1800, 5)
    chen2020 = pybamm.ParameterValues("Chen2020")

    ours = volts_by_pybamm(bpx_parameter_values(bpx_document()), seconds, initial_soc=1.0)

    np.testing.assert_allclose(ours, volts_by_pybamm(chen2020, seconds, initial_soc=1.0), rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("Negative electrode OCP [V]", ()),
        ("Positive electrode OCP [V]", ()),
        ("Electrolyte diffusivity [m2.s-1]", (298.15,)),
        ("Electrolyte conductivity [S.m-1]", (298.15,)),
    ],
)
def test_a_function_is_worth_what_bpx_has_python_say(name: str, others: tuple[float, ...]) -> None:
    ours, theirs = bpx_parameter_values(bpx_document()), by_pybamm(bpx_document())
    x = pybamm.StateVector(slice(0, 1))

    mine, other = (values[name](x, *others) for values in (ours, theirs))

    for point in np.linspace(0.05, 0.95, 19):
        assert mine.evaluate(y=np.array([[point]])) == other.evaluate(y=np.array([[point]]))


def test_no_expression_is_run_as_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """bpx writes each expression into a file of the temporary folder, and leaves it there."""
    monkeypatch.setattr(importlib.util, "spec_from_file_location", None)

    with pytest.raises(TypeError, match="not callable"):
        by_pybamm(bpx_document())
    assert bpx_parameter_values(bpx_document())


def test_bpx_is_as_it_was_afterwards() -> None:
    bpx_parameter_values(bpx_document())

    assert by_pybamm(bpx_document())["Negative electrode OCP [V]"].__name__ == "reconstructed_function"


def test_the_file_is_left_as_it_is() -> None:
    document = bpx_document()

    bpx_parameter_values(document)

    assert document == bpx_document()


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (without(*NEGATIVE, "Thickness [m]"), "['Negative electrode']['Thickness [m]']: Field required"),
        (changed(*CELL, "Foo", to=1), "['Cell']['Foo']: Extra inputs are not permitted"),
        (
            changed(*NEGATIVE, "Thickness [m]", to="thin"),
            "['Negative electrode']['Thickness [m]']: Input should be a valid number",
        ),
        (
            changed(*NEGATIVE, "OCP [V]", to="1 + y"),
            "['Negative electrode']['OCP [V]']: Value error, Invalid Function: Expected end of text",
        ),
        (
            changed(*NEGATIVE, "OCP [V]", to={"x": [0, 1], "y": [1]}),
            "['Negative electrode']['OCP [V]']['y']: Value error, x & y should be same length",
        ),
        (
            without(*NEGATIVE, "Entropic change coefficient [V.K-1]"),
            "['Negative electrode']['Entropic change coefficient [V.K-1]']: PyBaMM needs it, although BPX",
        ),
        (
            without(*CELL, "Reference temperature [K]"),
            ": PyBaMM needs 'Reference temperature [K]', although BPX leaves it optional: add it",
        ),
    ],
)
def test_a_place_in_the_file_is_named(document: Json, complaint: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        bpx_parameter_values(document)

    (problem,) = caught.value.problems
    assert str(problem).startswith(f"spec.cell.bpx['Parameterisation']{complaint}")


@pytest.mark.parametrize(
    "document",
    [
        changed("Parameterisation", "Separator", "Porosity", to=1),
        changed("Parameterisation", "Separator", "Porosity", to=-1),
        changed("Parameterisation", "Negative electrode", to="graphite"),
        changed(*NEGATIVE, "OCP [V]", to="(" * 500 + "x" + ")" * 500),
        changed("State", "Initial conditions", "Initial state-of-charge", to=2),
        changed("Header", "BPX", to="first"),
    ],
    ids=["no solid", "negative", "no electrode", "deep", "too full", "version"],
)
def test_what_pybamm_stumbles_over_is_the_files_fault(document: Json) -> None:
    with pytest.raises(InvalidSpecError, match=r"^spec\.cell\.bpx: PyBaMM cannot use the file: "):
        bpx_parameter_values(document)


def test_an_old_file_is_converted_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        bpx_parameter_values(changed("Header", "BPX", to="0.4.0"))

    assert caplog.messages[0].startswith("BPX: Detected a legacy BPX v0.x file/object")


def test_of_a_good_file_the_log_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    bpx_parameter_values(bpx_document())

    assert caplog.messages == []


def test_parameters_are_overridden_by_pybamms_names() -> None:
    cell = bpx_cell(
        bpx_document(), parameters={"Negative electrode thickness [m]": 9e-5}, upperCutoffVolts=4.1
    )

    values = parameter_values(spec_of(cell=cell))

    assert values["Negative electrode thickness [m]"] == 9e-5
    assert values["Upper voltage cut-off [V]"] == 4.1
    assert values["Open-circuit voltage at 100% SOC [V]"] == 4.2


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        (
            "Negative electrode thicknes [m]",
            "BPX has no such parameter; use 'Negative electrode thickness [m]'",
        ),
        (
            "Negative electrode OCP [V]",
            "a potential that does not change has no state of charge: give a formula or a table in "
            "spec.cell.functions",
        ),
        ("Upper voltage cut-off [V]", "set spec.cell.upperCutoffVolts instead and remove this"),
    ],
)
def test_a_parameter_that_cannot_be_overridden(name: str, complaint: str) -> None:
    spec = spec_of(cell=bpx_cell(bpx_document(), parameters={name: 1}))

    with pytest.raises(InvalidSpecError) as caught:
        parameter_values(spec)

    assert str(caught.value).startswith(f"spec.cell.parameters['{name}']: {complaint}")
