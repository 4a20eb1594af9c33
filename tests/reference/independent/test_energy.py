"""The energy in the summary is right, measured against PyBaMM's own energy state with tight tolerances."""

import numpy as np
import pybamm
import pytest

from batterysim.catalogue.parameters import drive_cycle
from batterysim.checks.validation import parse_spec
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve

RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-8, 1e-10


def exact_energy() -> float:
    """Return the energy of US06 from a state of charge of 0.8, as a state of the equations."""
    cycle = drive_cycle("US06")
    times, currents = np.array(cycle.times_seconds), np.array(cycle.values)
    parameters = pybamm.ParameterValues("Chen2020")
    parameters["Current function [A]"] = pybamm.Interpolant(times, currents, pybamm.t)
    model = pybamm.lithium_ion.SPM({"calculate discharge energy": "true"})
    solver = pybamm.IDAKLUSolver(rtol=RELATIVE_TOLERANCE, atol=ABSOLUTE_TOLERANCE)
    simulation = pybamm.Simulation(model, parameter_values=parameters, solver=solver)
    solution = simulation.solve(times, t_interp=times, initial_soc=0.8)
    return float(solution["Discharge energy [W.h]"].entries[-1])


@pytest.mark.parametrize("output", [{}, {"points": 7}])
def test_the_energy_of_a_drive_cycle(output: dict[str, int]) -> None:
    spec = parse_spec(
        {
            "model": {"family": "SPM"},
            "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 0.8},
            "protocol": {"driveCycle": {"name": "US06"}},
            "solver": {
                "relativeTolerance": RELATIVE_TOLERANCE,
                "absoluteTolerance": ABSOLUTE_TOLERANCE,
            },
            "output": output,
        }
    )

    energy = summarise(solve(spec)).discharge_energy_watt_hours

    assert energy == pytest.approx(exact_energy(), rel=1e-5)
