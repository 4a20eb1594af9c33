"""The columns of a result: the default ones, and any variable of PyBaMM by its name."""

import numpy as np
import pybamm
import pytest
from generate.variable_names import render

from batterysim.problem import InvalidSpecError
from batterysim.results import DEFAULT_COLUMNS, Column
from batterysim_data import data_file
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of

SPM = {"family": "SPM"}
MINUTE = constant_current(5, 60)
TIGHT = {"relativeTolerance": 1e-8, "absoluteTolerance": 1e-10}
POTENTIAL = "X-averaged negative electrode potential [V]"


def solved(variables: list[str], **fields: object) -> Trace:
    return solve(spec_of(**{"model": SPM, "protocol": MINUTE, "output": {"variables": variables}} | fields))


def problems_of(variables: list[str], **fields: object) -> str:
    with pytest.raises(InvalidSpecError) as caught:
        solved(variables, **fields)
    return str(caught.value)


def test_a_variable_is_what_pybamm_calls_so() -> None:
    parameters = pybamm.ParameterValues("Chen2020")
    parameters["Current function [A]"] = 5
    simulation = pybamm.Simulation(pybamm.lithium_ion.SPM(), parameter_values=parameters)
    expected = simulation.solve([0, 60], t_interp=np.linspace(0, 60, 101))[POTENTIAL].entries

    trace = solved([POTENTIAL])

    assert trace.columns == (*DEFAULT_COLUMNS, Column(POTENTIAL, "V"))
    np.testing.assert_allclose(trace.output()[POTENTIAL], expected, rtol=1e-9, atol=1e-12)


def test_a_variable_of_an_experiment() -> None:
    steps: Json = {"experiment": {"steps": ["Discharge at 1C for 1 minute", "Rest for 1 minute"]}}

    trace = solved(["X-averaged cell temperature [K]"], protocol=steps)

    assert set(trace.output()["X-averaged cell temperature [K]"]) == {298.15}


def test_a_column_is_there_once_however_often_it_is_asked_for() -> None:
    trace = solved(["Voltage [V]", POTENTIAL, POTENTIAL])

    assert [column.name for column in trace.columns].count("Voltage [V]") == 1
    assert [column.name for column in trace.columns].count(POTENTIAL) == 1


def test_what_only_the_summary_needs_is_not_in_the_result() -> None:
    assert "C-rate" in solved([]).values
    assert "C-rate" not in solved([]).output()


def test_a_variable_that_only_an_option_gives() -> None:
    thickness = "Cell thickness change [m]"
    mechanics: Json = {"family": "SPM", "options": {"particle mechanics": "swelling only"}}

    swollen = solved([thickness], model=mechanics, cell={"parameterSet": "Ai2020"}).output()[thickness]

    assert swollen[-1] != swollen[0]
    lumped: Json = {"family": "SPM", "options": {"thermal": "lumped"}}
    assert problems_of([thickness], model=lumped).startswith(
        "spec.output.variables[0]: 'Cell thickness change [m]': the model has no such variable; use"
    )


def test_an_energy_that_pybamm_leaves_at_0_is_refused() -> None:
    assert "'calculate discharge energy': 'true'" in problems_of(["Discharge energy [W.h]"])


def test_heat_that_pybamm_leaves_at_0_is_refused() -> None:
    assert "an isothermal model has no heat" in problems_of(["Total heating [W]"])
    lumped = solved(["Total heating [W]"], model={"family": "SPM", "options": {"thermal": "lumped"}})
    assert lumped.output()["Total heating [W]"][-1] > 0


@pytest.mark.parametrize("charge", [1.0, 0.37])
@pytest.mark.parametrize("family", ["SPM", "DFN"])
def test_the_state_of_charge_starts_where_the_spec_says_and_falls_with_the_charge_drawn(
    family: str, charge: float
) -> None:
    """By hand: the part of a cell's capacity that is left. The capacity is PyBaMM's own (eSOH)."""
    esoh = pybamm.lithium_ion.ElectrodeSOHSolver(pybamm.ParameterValues("Chen2020"))
    empty, full, _, _ = esoh.get_min_max_stoichiometries()
    negative = pybamm.ParameterValues("Chen2020").evaluate(pybamm.LithiumIonParameters().n.Q_init)
    capacity = negative * (full - empty)

    trace = solved([], model={"family": family}, cell={"initialStateOfCharge": charge}, solver=TIGHT)

    state = trace.output()["State of charge"]
    assert state[0] == pytest.approx(charge, abs=1e-6)
    assert state[0] - state[-1] == pytest.approx(5 * 60 / 3600 / capacity, rel=1e-6)
    summary = summarise(trace)
    assert (summary.start_state_of_charge, summary.end_state_of_charge) == (state[0], state[-1])


@pytest.mark.parametrize(
    ("cell", "model"),
    [
        ("Xu2019", {"family": "SPM", "options": {"working electrode": "positive"}}),
        ("MSMR_Example", {"family": "MSMR"}),
        ("Chen2020", {"family": "MPM"}),
    ],
)
def test_every_kind_of_cell_has_a_state_of_charge(cell: str, model: Json) -> None:
    trace = solved(
        [],
        model=model,
        cell={"parameterSet": cell, "initialStateOfCharge": 0.5},
        protocol={"constantCurrent": {"cRate": 0.2, "durationSeconds": 60}},
    )

    state = trace.output()["State of charge"]
    assert state[0] == pytest.approx(0.5, abs=1e-6)
    assert state[0] - state[-1] == pytest.approx(0.2 / 60, rel=0.4)  # nominal and true capacity differ


@pytest.mark.parametrize(("charge", "celsius"), [(1.0, -10), (1.0, 45), (0.01, 10)])
def test_an_msmr_cell_starts_at_the_state_of_charge_that_is_asked_for(charge: float, celsius: float) -> None:
    trace = solved(
        [],
        model={"family": "MSMR"},
        cell={
            "parameterSet": "MSMR_Example",
            "initialStateOfCharge": charge,
            "ambientTemperatureCelsius": celsius,
        },
        protocol={"rest": {"durationSeconds": 60}},
    )

    assert summarise(trace).start_state_of_charge == pytest.approx(charge, abs=1e-9)


def test_a_blend_of_materials_has_none() -> None:
    blend: Json = {"family": "SPM", "options": {"particle phases": ["2", "1"]}}

    trace = solved([], model=blend, cell={"parameterSet": "Chen2020_composite"})

    assert trace.columns == DEFAULT_COLUMNS[:-1]
    assert summarise(trace).start_state_of_charge is None


def test_an_equivalent_circuit_has_the_same_columns() -> None:
    trace = solved(
        ["Overpotential [V]"],
        model={"family": "Thevenin"},
        cell={"parameterSet": "ECM_Example", "initialStateOfCharge": 0.5},
        protocol=constant_current(10, 360),
    )

    values = trace.output()
    assert trace.columns == (*DEFAULT_COLUMNS, Column("Overpotential [V]", "V"))
    assert values["Discharge capacity [A.h]"][-1] == pytest.approx(1, rel=1e-6)
    assert values["State of charge"][0] == 0.5
    np.testing.assert_allclose(
        values["Voltage [V]"], values["Bulk open-circuit voltage [V]"] + values["Overpotential [V]"]
    )


def test_the_names_in_the_catalogue_are_pybamms_own() -> None:
    """`make generate` writes them."""
    assert data_file("variables.json").read_text(encoding="utf-8") == render()
