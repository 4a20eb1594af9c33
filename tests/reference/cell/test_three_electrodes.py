"""A reference electrode in the separator reads what PyBaMM's does."""

import numpy as np
import pybamm
import pytest

from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of

NEGATIVE = "Negative electrode 3E potential [V]"
POSITIVE = "Positive electrode 3E potential [V]"
REFERENCE = "Reference electrode potential [V]"
OUTPUT = {"points": 11, "variables": [NEGATIVE, POSITIVE, REFERENCE]}


def series(**fields: object) -> dict[str, np.ndarray]:
    spec: Json = {"protocol": constant_current(5, 600), "output": OUTPUT, **fields}
    return dict(solve(spec_of(**spec)).output())


@pytest.mark.parametrize("family", ["SPM", "SPMe", "DFN"])
def test_the_readings_are_pybamms(family: str) -> None:
    model = getattr(pybamm.lithium_ion, family)()
    model.insert_reference_electrode()
    values = pybamm.ParameterValues("Chen2020")
    values.update({"Current function [A]": 5})
    simulation = pybamm.Simulation(model, parameter_values=values, solver=pybamm.IDAKLUSolver())
    times = np.linspace(0, 600, 11)
    theirs = simulation.solve([0, 600], t_interp=times)

    ours = series(model={"family": family})

    for name in (NEGATIVE, POSITIVE, REFERENCE):
        np.testing.assert_allclose(ours[name], theirs[name](times), rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("family", ["SPM", "SPMe", "DFN", "NewmanTobias", "MPM"])
def test_the_two_readings_differ_by_the_voltage(family: str) -> None:
    ours = series(model={"family": family})

    np.testing.assert_allclose(ours[POSITIVE] - ours[NEGATIVE], ours["Voltage [V]"], atol=1e-9)


def test_at_rest_they_are_the_open_circuit_potentials() -> None:
    ours = series(protocol={"rest": {"durationSeconds": 600}}, cell={"initialStateOfCharge": 0.5})

    np.testing.assert_allclose(
        ours[POSITIVE] - ours[NEGATIVE], ours["Bulk open-circuit voltage [V]"], atol=1e-6
    )
    np.testing.assert_allclose(ours[NEGATIVE], ours[NEGATIVE][0], atol=1e-6)


def test_a_half_cell_has_the_positive_one() -> None:
    ours = series(
        model={"family": "DFN", "options": {"working electrode": "positive"}},
        cell={"parameterSet": "Xu2019"},
        protocol=constant_current(0.001, 60),
        output={"points": 3, "variables": [POSITIVE]},
    )

    assert np.isfinite(ours[POSITIVE]).all()


def test_a_charge_ends_where_the_negative_electrode_comes_to_a_potential() -> None:
    trace = solve(
        spec_of(
            cell={"initialStateOfCharge": 0.1},
            protocol={
                "experiment": {
                    "structuredSteps": [
                        {
                            "cRate": -1.5,
                            "durationSeconds": 3600,
                            "until": [{"variable": NEGATIVE, "below": 0.02}],
                        }
                    ]
                }
            },
            output={"periodSeconds": 5, "variables": [NEGATIVE]},
        )
    )

    assert trace.end_reason == "StepsFinished"
    assert trace.output()[NEGATIVE][-1] == pytest.approx(0.02, abs=1e-6)
    assert trace.output()[NEGATIVE][:-1].min() > 0.02
