"""Which parameter set a 2.5 A.h power cell is best built on, for decision 020.

python -m evidence.base_sets
"""

import pybamm
from rich.console import Console
from rich.table import Table

CANDIDATES = ("Ai2020", "Chen2020", "Marquis2019", "Mohtat2020", "NCA_Kim2011")
"""Sets of a layered oxide against graphite, with all that a discharge needs."""

CAPACITY_AMPERE_HOURS = 2.5
FIFTH_AMPERES = 0.5
WIDTH = "Electrode width [m]"
WINDOW = {
    "Lower voltage cut-off [V]": 2.5,
    "Upper voltage cut-off [V]": 4.2,
    "Open-circuit voltage at 0% SOC [V]": 2.5,
    "Open-circuit voltage at 100% SOC [V]": 4.2,
}


def main() -> None:
    """Scale each set's area to the capacity at 0.5 A, and discharge it at 10 A and 20 A."""
    table = Table(title="DFN at 25 C, full, to 2.5 V; scaled to 2.5 A.h at 0.5 A")
    for heading in ("set", "area m2", "mean V at 0.5 A", "A.h at 10 A", "A.h at 20 A"):
        table.add_column(heading, justify="right")
    for name in CANDIDATES:
        parameters = scaled(name)
        area = parameters[WIDTH] * parameters["Electrode height [m]"]
        area *= parameters["Number of electrodes connected in parallel to make a cell"]
        slow = discharge(parameters, FIFTH_AMPERES)
        mean = slow["Discharge energy [W.h]"].entries[-1] / capacity(slow)
        fast = (attempt(parameters, amperes) for amperes in (10, 20))
        table.add_row(name, f"{area:.4f}", f"{mean:.2f}", *fast)
    Console().print(table)


def scaled(name: str) -> pybamm.ParameterValues:
    """Return a set with as much electrode as gives the capacity."""
    parameters = pybamm.ParameterValues(name)
    parameters.update(WINDOW)
    parameters[WIDTH] *= CAPACITY_AMPERE_HOURS / parameters["Nominal cell capacity [A.h]"]
    for _ in range(3):  # the capacity is nearly proportional to the width
        parameters[WIDTH] *= CAPACITY_AMPERE_HOURS / capacity(discharge(parameters, FIFTH_AMPERES))
    return parameters


def discharge(parameters: pybamm.ParameterValues, amperes: float) -> pybamm.Solution:
    """Discharge a full cell to its lower cut-off."""
    with_current = parameters.copy()
    with_current["Current function [A]"] = amperes
    model = pybamm.lithium_ion.DFN({"calculate discharge energy": "true"})
    return pybamm.Simulation(model, parameter_values=with_current).solve([0, 86_400], initial_soc=1.0)


def capacity(solution: pybamm.Solution) -> float:
    """Return the discharged capacity in A.h."""
    return float(solution["Discharge capacity [A.h]"].entries[-1])


def attempt(parameters: pybamm.ParameterValues, amperes: float) -> str:
    """Return the capacity as text, or that there is none."""
    try:
        return f"{capacity(discharge(parameters, amperes)):.2f}"
    except pybamm.SolverError:
        return "not solved"


if __name__ == "__main__":
    main()
