"""A run that the solver gives up keeps what was solved before, equal to PyBaMM's, and is solved once only."""

import numpy as np
import pybamm
import pytest

from batterysim_runner.errors import SolverFailedError
from batterysim_runner.model.solver import KeepingSolver
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import PartlySolvedError, Trace
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of, unchecked_spec_of

IGNORE = {"lower": "Ignore", "upper": "Ignore"}
FULL = {"initialStateOfCharge": 1.0}
AMPERES = 100


def too_much(seconds: float = 3600, **fields: object) -> Json:
    """Return a discharge at 20 C, which empties the electrolyte of the positive electrode after 5 s."""
    return {
        "cell": FULL,
        "protocol": constant_current(AMPERES, seconds),
        "cutOffPolicy": IGNORE,
        "output": {"periodSeconds": 1},
        **fields,
    }


def experiment(*steps: str, cycles: int = 1) -> Json:
    return {
        "cell": FULL,
        "protocol": {"experiment": {"steps": list(steps), "cycles": cycles}},
        "cutOffPolicy": IGNORE,
        "output": {"periodSeconds": 1},
    }


def failed(fields: Json) -> tuple[SolverFailedError, Trace]:
    """Return the error of a run that fails, and the part of it that was solved."""
    with pytest.raises(PartlySolvedError) as caught:
        solve(spec_of(**fields))
    return caught.value, caught.value.partial


def voltage_by_pybamm(seconds: np.ndarray) -> np.ndarray:
    """Return PyBaMM's own voltage of the same discharge, at times before it fails."""
    values = pybamm.ParameterValues("Chen2020")
    values.update({"Current function [A]": AMPERES, "Lower voltage cut-off [V]": -10})
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.DFN(), parameter_values=values, solver=pybamm.IDAKLUSolver()
    )
    return np.asarray(simulation.solve([0, 4], t_interp=seconds, initial_soc=1.0)["Voltage [V]"].entries)


def test_what_came_before_is_kept_and_says_that_the_run_has_failed() -> None:
    error, partial = failed(too_much())

    summary = summarise(partial)
    assert (summary.end_reason, summary.partial) == ("SolverFailed", True)
    assert summary.failure_message == str(error)
    assert summary.end_time_seconds == pytest.approx(5.4, abs=0.5)
    assert partial.output()["Time [s]"][:5].tolist() == [0, 1, 2, 3, 4]


def test_it_is_pybamms_within_the_tolerance() -> None:
    _, partial = failed(too_much())

    before = partial.output()["Time [s]"] <= 4
    ours = partial.output()["Voltage [V]"][before]
    # with other times to stop at, the integrator takes other steps: within its tolerance
    np.testing.assert_allclose(ours, voltage_by_pybamm(partial.output()["Time [s]"][before]), atol=1e-4)


def test_the_solver_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    solves: list[object] = []
    integrate = KeepingSolver._integrate
    monkeypatch.setattr(
        KeepingSolver,
        "_integrate",
        lambda self, *args, **kwargs: solves.append(self) or integrate(self, *args, **kwargs),
    )

    failed(too_much())

    assert len(solves) == 1


def test_a_limited_run_keeps_its_pieces_and_the_part_of_the_last_one() -> None:
    whole, partial = failed(too_much())
    limited, in_pieces = failed(too_much(solver={"wallClockLimitSeconds": 600}))

    assert str(limited) == str(whole)
    np.testing.assert_allclose(
        in_pieces.output()["Voltage [V]"][:5], partial.output()["Voltage [V]"][:5], atol=1e-4
    )


def test_an_experiment_keeps_the_steps_before_and_the_part_of_the_one_that_fails() -> None:
    error, partial = failed(
        experiment(
            "Discharge at 1C for 60 seconds", "Rest for 60 seconds", f"Discharge at {AMPERES} A for 1 hour"
        )
    )
    good = solve(spec_of(**experiment("Discharge at 1C for 60 seconds", "Rest for 60 seconds")))

    assert str(error).startswith(f"cycle 1, step 3 ('Discharge at {AMPERES} A for 1 hour'): PyBaMM could not")
    steps = partial.steps or []
    assert [record.ended_by for record in steps] == ["final time", "final time", "the solver gave up"]
    before = len(good.output()["Time [s]"])
    for name, column in good.output().items():
        np.testing.assert_array_equal(partial.output()[name][:before], column, err_msg=name)
    assert 120 < partial.output()["Time [s]"][-1] < 130
    assert partial.output()["Step number"][-1] == 3


def test_where_nothing_was_solved_there_is_nothing_to_keep() -> None:
    with pytest.raises(SolverFailedError) as caught:
        solve(unchecked_spec_of(cell={"parameters": {"Negative particle radius [m]": 0.0}}))

    assert not isinstance(caught.value, PartlySolvedError)
