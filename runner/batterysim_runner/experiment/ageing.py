"""How far a cell has aged: what PyBaMM's summary variables say, of a moment of a run."""

from collections.abc import Callable

import pybamm

from batterysim.cycle_record import Ageing
from batterysim_runner.report.trace import Series

CAPACITY = "Capacity [A.h]"

_VARIABLES = {
    "loss_of_lithium_inventory_percent": "Loss of lithium inventory [%]",
    "loss_of_negative_active_material_percent": "Loss of active material in negative electrode [%]",
    "loss_of_positive_active_material_percent": "Loss of active material in positive electrode [%]",
    "lithium_lost_moles": "Total lithium lost [mol]",
}
_BALANCE = {
    "Q_n": "Negative electrode capacity [A.h]",
    "Q_p": "Positive electrode capacity [A.h]",
    "Q_Li": "Total lithium capacity in particles [A.h]",
}
"""What the capacity follows from, by the names of the inputs of PyBaMM's eSOH."""

Read = Callable[[str], float]
"""Returns a variable's value at the moment that is looked at."""


class AgeingMeter:
    """Measures the cell of a simulation."""

    def __init__(self, simulation: pybamm.Simulation) -> None:
        self._variables: dict[str, str] = {}
        self._esoh_solver: pybamm.lithium_ion.ElectrodeSOHSolver | None = None
        model = simulation.model
        if _is_full_cell(model):
            told = set(model.summary_variables)
            self._variables = {field: name for field, name in _VARIABLES.items() if name in told}
            has_balance = all(name in model.variables for name in _BALANCE.values())
            # PyBaMM has no eSOH of blends.
            if has_balance and model.options["particle phases"] in ("1", ("1", "1")):
                self._esoh_solver = simulation.get_esoh_solver(calc_esoh=True, direction=None)

    @property
    def tells_capacity(self) -> bool:
        """Whether the model provides a capacity."""
        return bool(self._variables) and self._esoh_solver is not None

    @property
    def needs(self) -> tuple[str, ...]:
        """The variables that `at` reads."""
        balance = _BALANCE.values() if self.tells_capacity else ()
        return (*self._variables.values(), *balance)

    def measure(self, solution: pybamm.Solution) -> Ageing | None:
        """Return how far the cell has aged at the end of a solution; None if the model does not tell."""
        end = solution.last_state
        return self._measured(lambda name: float(end[name].entries[-1]))

    def at(self, values: Series, point: int) -> Ageing | None:
        """Return how far the cell has aged at a point of series that have `needs`."""
        return self._measured(lambda name: float(values[name][point]))

    def _measured(self, read: Read) -> Ageing | None:
        if not self._variables:
            return None
        values = {field: read(name) for field, name in self._variables.items()}
        return Ageing(capacity_ampere_hours=self._capacity(read), **values)

    def _capacity(self, read: Read) -> float | None:
        if self._esoh_solver is None:
            return None
        try:
            end = self._esoh_solver.solve(inputs={key: read(name) for key, name in _BALANCE.items()})
        except pybamm.SolverError:
            return None  # a cell that cannot reach its voltage limits any more has none
        return float(end[CAPACITY])


def _is_full_cell(model: pybamm.BaseModel) -> bool:
    """Tell a cell of two porous electrodes. The lithium of a half-cell has no end, so it cannot lose any."""
    is_lithium_ion = isinstance(model, pybamm.lithium_ion.BaseModel)
    return is_lithium_ion and model.options.electrode_types["negative"] == "porous"
