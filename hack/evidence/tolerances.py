"""How far PyBaMM's default tolerances are from the converged solution, for decision 002.

make tolerances
"""

import numpy as np
import pybamm
from rich.console import Console
from rich.table import Table

from batterysim.catalogue.parameters import drive_cycle

TOLERANCES = ((1e-9, 1e-10), (1e-8, 1e-9), (1e-7, 1e-9), (1e-6, 1e-8), (1e-5, 1e-7), (1e-4, 1e-6))


def main() -> None:
    """Solve US06 from a state of charge of 0.8 with tolerances from tight to PyBaMM's default."""
    cycle = drive_cycle("US06")
    times, currents = np.array(cycle.times_seconds), np.array(cycle.values)
    charge = np.trapezoid(currents, times) / 3600
    table = Table(title="DFN, Chen2020, US06 from 0.8: against the first row")
    for heading in (
        "rtol",
        "atol",
        "solve s",
        "largest voltage error mV",
        "capacity state / integral of I - 1",
    ):
        table.add_column(heading, justify="right")
    reference = None
    for rtol, atol in TOLERANCES:
        solution = solve(times, currents, rtol, atol)
        voltage = solution["Voltage [V]"].entries
        reference = voltage if reference is None else reference
        table.add_row(
            f"{rtol:g}",
            f"{atol:g}",
            f"{solution.solve_time.value:.2f}",
            f"{1e3 * np.abs(voltage - reference).max():.4f}",
            f"{solution['Discharge capacity [A.h]'].entries[-1] / charge - 1:.1e}",
        )
    Console().print(table)


def solve(times: np.ndarray, currents: np.ndarray, rtol: float, atol: float) -> pybamm.Solution:
    """Solve the drive cycle, stopping at each of its points."""
    parameters = pybamm.ParameterValues("Chen2020")
    parameters["Current function [A]"] = pybamm.Interpolant(times, currents, pybamm.t)
    solver = pybamm.IDAKLUSolver(rtol=rtol, atol=atol)
    simulation = pybamm.Simulation(pybamm.lithium_ion.DFN(), parameter_values=parameters, solver=solver)
    return simulation.solve(times, t_interp=times, initial_soc=0.8)


if __name__ == "__main__":
    main()
