"""One step of an experiment with a pack after the other: each is the pack's equations with another control.

Between two steps, the pack's state is that of its equations with its current as a state, whether or not a
step's own equations have that: where the current is given, it is none.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim.catalogue import parameter_names
from batterysim.catalogue.prescription import Quantity
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.spec.steps.plan import Control as Held
from batterysim.spec.steps.plan import Direction, StepPlan
from batterysim_runner.cell.limit_events import LOWER_EVENT, UPPER_EVENT
from batterysim_runner.experiment.ends import OWN_END, START_CHARGE
from batterysim_runner.experiment.stepper import SKIPPED, START_TIME, Done, State, all_transitions, done_by
from batterysim_runner.experiment.steps import PlannedStep
from batterysim_runner.model.solver import solver_for
from batterysim_runner.pack.model import Control, StepEnds, build_pack_model
from batterysim_runner.pack.parts import PackParts

HOLD_MARGIN_VOLTS = 1e-3
"""A cell may be past its cut-off by so much while the pack's voltage is held: equal cells are at it exactly,
but for the solver's error."""

_QUANTITIES: dict[Held, Quantity | Literal["Resistance"]] = {
    Held.CURRENT: Quantity.CURRENT,
    Held.C_RATE: Quantity.CURRENT,
    Held.POWER: Quantity.POWER,
    Held.VOLTAGE: Quantity.VOLTAGE,
    Held.RESISTANCE: "Resistance",
}
_LIMITS: dict[Direction | None, tuple[str, ...]] = {
    Direction.DISCHARGE: (LOWER_EVENT,),
    Direction.CHARGE: (UPPER_EVENT,),
    Direction.REST: (),
    None: (LOWER_EVENT, UPPER_EVENT),
}
"""Which cut-offs of its cells end a step, by its direction."""


class _Built(NamedTuple):
    """The equations of a step, and the current where it is given, in A."""

    model: pybamm.BaseModel
    solver: pybamm.BaseSolver
    given_amperes: float | None


class PackStepper:
    """Does steps with a pack, from wherever it is. See experiment.stepper.Stepper."""

    def __init__(
        self,
        spec: BatterySimulationSpec,
        parts: PackParts,
        planned: list[PlannedStep],
        sequence: Sequence[int],
        parameters: pybamm.ParameterValues,
    ) -> None:
        self.parameters = parameters
        self._spec = spec
        self._parts = parts
        self._planned = planned
        self._steps: dict[int, pybamm.step.BaseStep] = {}
        for index, step in zip(sequence, all_transitions(planned, sequence).steps, strict=True):
            self._steps.setdefault(index, step)
        self._built: dict[str, _Built] = {}
        cells = [cell.equations for module in parts.modules for cell in module]
        self._cell_states = sum(cell.differential_count + cell.algebraic_count for cell in cells)

    def do(self, index: int, state: State | None, charge: float = 0.0) -> Done:
        """Do the step with this index from a state; None: from the beginning.

        charge: the discharge capacity so far, in A.h.

        Raises:
            pybamm.SolverError: it cannot be solved.
            SolverFailedError: the step left the range of the cell's tables.
        """
        step = self._steps[index]
        model, solver, given_amperes = built = self._equations(index)
        seconds = 0.0 if state is None else state.time_seconds
        inputs = {START_TIME: seconds, START_CHARGE: charge}
        start = pybamm.Solution(np.array([seconds]), self._start(built, state)[:, np.newaxis], model, inputs)
        stops, points = step.setup_timestepping(solver, step.duration)
        try:
            solution = solver.step(
                start, model, step.duration, stops, t_interp=points, save=False, inputs=inputs
            )
        except pybamm.SolverError as error:
            if "non-positive at initial conditions" in str(error) and OWN_END in str(error):
                return Done(None, state, SKIPPED, feasible=True, events=str(error))
            raise
        vector = np.asarray(solution.all_ys[-1])[:, -1]
        if given_amperes is not None:
            vector = np.insert(vector, self._cell_states, given_amperes)
        return done_by(step, solver, solution, State(float(solution.t[-1]), index, vector))

    def _start(self, built: _Built, state: State | None) -> NDArray[np.float64]:
        """Return the state of a step's own equations at its beginning."""
        if state is None:
            return np.asarray(
                built.model.concatenated_initial_conditions.evaluate(), dtype=np.float64
            ).ravel()
        return state.vector if built.given_amperes is None else np.delete(state.vector, self._cell_states)

    def _equations(self, index: int) -> _Built:
        """Return the equations of a step. Steps that PyBaMM takes for equal share them."""
        step, plan = self._steps[index], self._planned[index].plan
        key = step.basic_repr()
        if key not in self._built:
            control = self._control(step, plan)
            is_hold = plan.control is Held.VOLTAGE
            margin = HOLD_MARGIN_VOLTS if is_hold else 0.0
            model = build_pack_model(
                self._parts.modules,
                self._parts.pack,
                control,
                self._parts.of_each_cell,
                self._parts.wanted.names,
                StepEnds(step, _LIMITS[plan.direction], margin),
            )
            given = float(control.value.evaluate()) if control.current_is_given else None
            self._built[key] = _Built(model, solver_for(self._spec), given)
        return self._built[key]

    def _control(self, step: pybamm.step.BaseStep, plan: StepPlan) -> Control:
        """Return what a step holds at the terminals. A C-rate of 1 empties a module's capacity in an hour."""
        value = pybamm.convert_to_symbol(step.value)
        if plan.control is Held.C_RATE:
            value = (
                value * self.parameters[parameter_names.NOMINAL_CAPACITY] * self._parts.pack.parallel_count
            )
        return Control(_QUANTITIES[plan.control], value, 0.0, is_state=plan.followed is not None)
