"""A cell in storage ages as PyBaMM says, and by the root of time where its film is limited by diffusion."""

import numpy as np
import pybamm
import pytest

from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of

YEAR = 31_536_000
SEI = {"SEI": "solvent-diffusion limited"}
THICKNESS = "X-averaged negative SEI thickness [m]"
LOST = "Loss of lithium inventory [%]"
TIGHT = {"relativeTolerance": 1e-8, "absoluteTolerance": 1e-10}


def stored(seconds: float = YEAR, **fields: object) -> Trace:
    spec: Json = {
        "model": {"family": "SPM", "options": SEI},
        "cell": {"parameterSet": "Mohtat2020", "initialStateOfCharge": 0.8},
        "protocol": {"rest": {"durationSeconds": seconds}},
        "solver": TIGHT,
        **fields,
    }
    return solve(spec_of(**spec))


def test_the_state_of_health_is_that_of_pybamms_summary_variables() -> None:
    values = pybamm.ParameterValues("Mohtat2020")
    model = pybamm.lithium_ion.SPM(dict(SEI))
    values.set_initial_state(0.8, param=model.param, options=model.options)
    values.update({"Current function [A]": 0})
    simulation = pybamm.Simulation(
        model,
        parameter_values=values,
        solver=pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-10),
    )
    solution = simulation.solve([0, YEAR])
    esoh = simulation.get_esoh_solver(calc_esoh=True, direction=None)
    first, last = (
        pybamm.SummaryVariables(state, esoh_solver=esoh)["Capacity [A.h]"]
        for state in (solution.first_state, solution.last_state)
    )

    summary = summarise(stored())

    assert summary.state_of_health == pytest.approx(last / first, abs=1e-9)
    assert summary.loss_of_lithium_inventory_percent == pytest.approx(solution[LOST].entries[-1], rel=1e-6)
    assert 0.9 < (summary.state_of_health or 0) < 0.9999


def test_the_film_grows_with_the_root_of_time() -> None:
    trace = stored(output={"points": 5, "variables": [THICKNESS]})

    grown = trace.output()[THICKNESS] ** 2
    quarters = np.diff(grown)
    np.testing.assert_allclose(quarters, quarters[0], rtol=1e-5)


def test_the_numbers_are_the_same_whether_or_not_all_states_are_kept() -> None:
    few, all_ = stored(), stored(output={"variables": [LOST]})

    assert summarise(few).state_of_health == pytest.approx(summarise(all_).state_of_health, abs=1e-12)
    assert summarise(few).loss_of_lithium_inventory_percent == pytest.approx(
        all_.output()[LOST][-1], rel=1e-9
    )


def test_a_limited_run_has_them_too() -> None:
    limited = stored(solver={**TIGHT, "wallClockLimitSeconds": 600})

    assert summarise(limited).state_of_health == pytest.approx(summarise(stored()).state_of_health, abs=1e-6)


@pytest.mark.parametrize(
    "fields",
    [
        {"model": {"family": "SPM"}},
        {"model": {"family": "SPM", "options": {"SEI": "none"}}},
        {"protocol": constant_current(0.5, 60)},
    ],
    ids=["no mechanism", "none by name", "no storage"],
)
def test_other_runs_have_no_such_number(fields: Json) -> None:
    summary = summarise(stored(60, **fields))

    assert summary.state_of_health is None
    assert summary.loss_of_lithium_inventory_percent is None
