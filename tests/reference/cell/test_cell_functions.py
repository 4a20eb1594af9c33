"""Functions of a cell as formula, table or factor: the same numbers as PyBaMM with the same functions."""

from typing import Any

import numpy as np
import pybamm
import pytest

from batterysim.problem import InvalidSpecError
from batterysim.results import VOLTAGE
from batterysim_runner.compiled.library import installed
from batterysim_runner.engine import prepare
from batterysim_runner.errors import SolverFailedError
from batterysim_runner.solution import solve
from tests.builders import Json, bpx_cell, bpx_document, constant_current, spec_of
from tests.reference.by_pybamm import POINTS, voltage_by_pybamm

CONDUCTIVITY = "Electrolyte conductivity [S.m-1]"
OCP = "Positive electrode OCP [V]"
DIFFUSIVITY = "Negative particle diffusivity [m2.s-1]"
EXCHANGE = "Positive electrode exchange-current density [A.m-2]"

X = np.linspace(0.2, 0.99, 30)
U = 4.35 - 0.9 * (X - 0.2) - 0.15 * np.tanh(12 * (X - 0.95)) - 0.15
KAPPA = "0.03 * (c_e / 1000)**3 - 0.6 * (c_e / 1000)**1.5 + 0.9 * (c_e / 1000)"


def csv(*columns: Any) -> str:
    return "\n".join(",".join(repr(float(number)) for number in row) for row in zip(*columns, strict=True))


def own(name: str) -> Any:
    return pybamm.ParameterValues("Chen2020")[name]


def kappa(c_e: Any, _: Any) -> Any:
    return 0.03 * (c_e / 1000) ** 3 - 0.6 * (c_e / 1000) ** 1.5 + 0.9 * (c_e / 1000)


def hot_diffusivity(_: Any, temperature: Any) -> Any:
    return 1e-14 * pybamm.exp(-5000 * (1 / temperature - 1 / 298.15))


def exchange(c_e: Any, c_s: Any, c_max: Any, _: Any) -> Any:
    return 1e-6 * c_e**0.5 * c_s**0.5 * (c_max - c_s) ** 0.5


@pytest.mark.parametrize(
    ("family", "options", "name", "function", "by_pybamm"),
    [
        ("DFN", {}, CONDUCTIVITY, {"expression": KAPPA}, kappa),
        ("SPMe", {}, CONDUCTIVITY, {"expression": KAPPA.replace("c_e", "x"), "scale": 0.5},
         lambda *place: 0.5 * kappa(*place)),
        ("DFN", {}, CONDUCTIVITY, {"scale": 1.5}, lambda *place: 1.5 * own(CONDUCTIVITY)(*place)),
        ("DFN", {}, CONDUCTIVITY, {"expression": "0.9"}, 0.9),
        ("DFN", {"thermal": "lumped"}, DIFFUSIVITY,
         {"expression": "1e-14 * exp(-5000 * (1 / T - 1 / 298.15))"}, hot_diffusivity),
        ("DFN", {}, DIFFUSIVITY, {"scale": 0.25}, 0.25 * 3.3e-14),
        ("DFN", {}, EXCHANGE, {"expression": "1e-6 * c_e**0.5 * c_s**0.5 * (c_max - c_s)**0.5"}, exchange),
        ("SPM", {}, OCP, {"table": csv(X, U)}, lambda sto: pybamm.Interpolant(X, U, sto)),
        ("DFN", {}, OCP, {"table": csv(X, U), "interpolation": "Cubic"},
         lambda sto: pybamm.Interpolant(X, U, sto, interpolator="cubic")),
        ("SPMe", {}, OCP, {"table": csv(X, U), "interpolation": "Pchip", "scale": 0.99},
         lambda sto: 0.99 * pybamm.Interpolant(X, U, sto, interpolator="pchip")),
    ],
)  # fmt: skip
def test_a_function_is_pybamms_own_with_the_same_function(
    family: str, options: Json, name: str, function: Json, by_pybamm: Any
) -> None:
    spec = spec_of(
        model={"family": family, "options": options},
        cell={"functions": {name: function}},
        protocol=constant_current(5, 900),
        output={"points": POINTS},
    )

    alone = voltage_by_pybamm(
        family, "Chen2020", options, amperes=5, seconds=900, parameters={name: by_pybamm}
    )

    trace = solve(spec)
    np.testing.assert_allclose(trace.output()[VOLTAGE.name], alone, rtol=1e-9)
    without = solve(spec.model_copy(update={"cell": spec.cell.model_copy(update={"functions": {}})}))
    assert abs(trace.output()[VOLTAGE.name] - without.output()[VOLTAGE.name]).max() > 1e-4


def test_a_number_takes_the_place_of_a_function() -> None:
    spec = spec_of(
        cell={"parameters": {CONDUCTIVITY: 0.7, EXCHANGE: 2.0}},
        protocol=constant_current(5, 900),
        output={"points": POINTS},
    )

    parameters = {CONDUCTIVITY: 0.7, EXCHANGE: 2.0}
    alone = voltage_by_pybamm("DFN", "Chen2020", {}, amperes=5, seconds=900, parameters=parameters)

    np.testing.assert_allclose(solve(spec).output()[VOLTAGE.name], alone, rtol=1e-9)


def test_a_table_of_two_variables() -> None:
    c, t = np.array([0.0, 1000.0, 3000.0]), np.array([270.0, 330.0])
    grid = np.array([[0.1, 0.2], [0.9, 1.4], [0.3, 0.6]])
    rows = [(a, b, grid[i, j]) for i, a in enumerate(c) for j, b in enumerate(t)]
    table = "c_e,T,kappa\n" + csv(*zip(*rows, strict=True))
    spec = spec_of(
        model={"options": {"thermal": "lumped"}},
        cell={"functions": {CONDUCTIVITY: {"table": table}}},
        protocol=constant_current(5, 900),
        output={"points": POINTS},
    )

    alone = voltage_by_pybamm(
        "DFN", "Chen2020", {"thermal": "lumped"}, amperes=5, seconds=900,
        parameters={CONDUCTIVITY: lambda *place: pybamm.Interpolant((c, t), grid, place)},
    )  # fmt: skip

    np.testing.assert_allclose(solve(spec).output()[VOLTAGE.name], alone, rtol=1e-9)


def test_a_circuit_of_tables_follows_ohms_law() -> None:
    """Without an RC element: V = OCV(soc) - R0(soc) I, both linear between the points of their tables."""
    capacity, amperes, seconds = 5.0, 2.0, 3600.0
    spec = spec_of(
        model={"family": "Thevenin"},
        cell={
            "parameterSet": "ECM_Example",
            "initialStateOfCharge": 0.9,
            "lowerCutoffVolts": 2.5,
            "upperCutoffVolts": 4.5,
            "parameters": {"Cell capacity [A.h]": capacity, "R1 [Ohm]": 1e-12, "C1 [F]": 1e3},
            "functions": {
                "Open-circuit voltage [V]": {"table": "soc,V\n0,3.0\n0.5,3.6\n1,4.2\n"},
                "R0 [Ohm]": {"table": "soc,T_degC,R\n0,0,0.05\n0,50,0.05\n1,0,0.01\n1,50,0.01\n"},
            },
        },
        protocol={"constantCurrent": {"cRate": amperes / capacity, "durationSeconds": seconds}},
        output={"points": 13},
    )

    values = solve(spec).output()

    soc = 0.9 - amperes * values["Time [s]"] / 3600 / capacity
    np.testing.assert_allclose(values["State of charge"], soc, atol=1e-9)
    np.testing.assert_allclose(values[VOLTAGE.name], 3 + 1.2 * soc - amperes * (0.05 - 0.04 * soc), rtol=1e-9)


def test_a_table_in_three_variables_is_looked_up_in_all_of_them() -> None:
    rows = [(t, i, s, 0.01 + 1e-4 * t + 1e-3 * i + 2e-3 * s)
            for t in (0, 50) for i in (-5, 5) for s in (0, 1)]  # fmt: skip
    spec = spec_of(
        model={"family": "Thevenin"},
        cell={
            "parameterSet": "ECM_Example",
            "initialStateOfCharge": 0.9,
            "lowerCutoffVolts": 2.5,
            "parameters": {"Cell capacity [A.h]": 5.0, "R1 [Ohm]": 1e-12, "C1 [F]": 1e3},
            "functions": {
                "Open-circuit voltage [V]": {"expression": "3 + soc"},
                "R0 [Ohm]": {"table": "T_degC,current,soc,R0\n" + csv(*zip(*rows, strict=True))},
            },
        },
        protocol={"constantCurrent": {"currentAmperes": 2, "durationSeconds": 1800}},
        output={"points": 7, "variables": ["Cell temperature [degC]"]},
    )

    values = solve(spec).output()

    soc = values["State of charge"]
    r0 = 0.01 + 1e-4 * values["Cell temperature [degC]"] + 2e-3 + 2e-3 * soc
    np.testing.assert_allclose(values[VOLTAGE.name], 3 + soc - 2 * r0, rtol=1e-9)


def test_the_limits_of_charge_follow_the_potential() -> None:
    """A potential that is everywhere 10 mV higher makes a cell that rests as much higher when half full."""
    raised = {OCP: {"expression": "4.2 - 0.8 * x"}}, {OCP: {"expression": "4.21 - 0.8 * x"}}
    starts = [
        solve(
            spec_of(
                model={"family": "SPM"},
                cell={"functions": functions, "initialStoichiometry": {"negative": 0.5, "positive": 0.6}},
                protocol={"rest": {"durationSeconds": 60}},
            )
        ).output()[VOLTAGE.name][0]
        for functions in raised
    ]

    assert starts[1] - starts[0] == pytest.approx(0.01, abs=1e-9)


def test_a_run_that_leaves_a_table_fails_and_names_it() -> None:
    spec = spec_of(
        model={"family": "SPM"},
        cell={"functions": {OCP: {"table": "0.2,4.3\n0.4,4.0\n"}}, "initialStateOfCharge": 0.9,
              "lowerCutoffVolts": 2.0},
        protocol=constant_current(5, 3000),
    )  # fmt: skip

    with pytest.raises(SolverFailedError, match=r"left the cell's tables .*Positive electrode OCP \[V\]"):
        solve(spec)


def test_a_bpx_cell_has_functions_too() -> None:
    base = spec_of(cell=bpx_cell(bpx_document()), model={"family": "SPMe"}, protocol=constant_current(5, 60))
    scaled = spec_of(
        cell=bpx_cell(bpx_document(), functions={CONDUCTIVITY: {"scale": 0.5}}),
        model={"family": "SPMe"},
        protocol=constant_current(5, 60),
    )
    unknown = spec_of(cell=bpx_cell(bpx_document(), functions={"Conductivity [S.m-1]": {"scale": 0.5}}))

    assert solve(scaled).output()[VOLTAGE.name][-1] < solve(base).output()[VOLTAGE.name][-1] - 1e-3
    with pytest.raises(InvalidSpecError, match=r"spec\.cell\.functions\['Conductivity \[S\.m-1\]'\]"):
        solve(unknown)


def test_a_cell_with_functions_is_solved_by_pybamm() -> None:
    spec = spec_of(cell={"functions": {CONDUCTIVITY: {"scale": 0.5}}})

    assert prepare(spec, installed()).solved_from == "Model"


def test_a_circuits_capacity_drives_its_c_rate() -> None:
    circuit = {"parameterSet": "ECM_Example", "parameters": {"Cell capacity [A.h]": 40}}
    protocol = {"constantCurrent": {"cRate": 0.5, "durationSeconds": 60}}

    def amperes(**cell: object) -> float:
        spec = spec_of(model={"family": "Thevenin"}, cell={**circuit, **cell}, protocol=protocol)
        return float(solve(spec).output()["Current [A]"][-1])

    assert amperes() == pytest.approx(20)
    assert amperes(nominalCapacityAmpereHours=60) == pytest.approx(30)
