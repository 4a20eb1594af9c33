"""How far a cell has aged: what PyBaMM's summary variables say at the end of a cycle."""

import pybamm

from batterysim.cycle_record import Ageing

CAPACITY = "Capacity [A.h]"

_VARIABLES = {
    "loss_of_lithium_inventory_percent": "Loss of lithium inventory [%]",
    "loss_of_negative_active_material_percent": "Loss of active material in negative electrode [%]",
    "loss_of_positive_active_material_percent": "Loss of active material in positive electrode [%]",
    "lithium_lost_moles": "Total lithium lost [mol]",
}


class AgeingMeter:
    """Measures the cell of a simulation."""

    def __init__(self, simulation: pybamm.Simulation) -> None:
        self._variables: dict[str, str] = {}
        self._esoh_solver: pybamm.lithium_ion.ElectrodeSOHSolver | None = None
        model = simulation.model
        if _is_full_cell(model):
            told = set(model.summary_variables)
            self._variables = {field: name for field, name in _VARIABLES.items() if name in told}
            if model.options["particle phases"] in ("1", ("1", "1")):  # PyBaMM has no eSOH of blends
                self._esoh_solver = simulation.get_esoh_solver(calc_esoh=True, direction=None)

    @property
    def tells_capacity(self) -> bool:
        """Whether the model provides a capacity."""
        return bool(self._variables) and self._esoh_solver is not None

    def measure(self, solution: pybamm.Solution) -> Ageing | None:
        """Return how far the cell has aged at the end of a solution; None if the model does not tell."""
        if not self._variables:
            return None
        # Not by SummaryVariables, which also looks at the solution's first state.
        end = solution.last_state
        values = {field: float(end[name].entries[-1]) for field, name in self._variables.items()}
        capacity = _capacity(pybamm.SummaryVariables(solution, esoh_solver=self._esoh_solver))
        return Ageing(capacity_ampere_hours=capacity, **values)


def _is_full_cell(model: pybamm.BaseModel) -> bool:
    """Tell a cell of two porous electrodes. The lithium of a half-cell has no end, so it cannot lose any."""
    is_lithium_ion = isinstance(model, pybamm.lithium_ion.BaseModel)
    return is_lithium_ion and model.options.electrode_types["negative"] == "porous"


def _capacity(end: pybamm.SummaryVariables) -> float | None:
    if not end.calc_esoh:
        return None
    try:
        return float(end[CAPACITY])
    except pybamm.SolverError:
        return None  # a cell that cannot reach its voltage limits any more has none
