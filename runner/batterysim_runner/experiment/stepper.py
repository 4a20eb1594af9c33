"""One step of an experiment after the other, with PyBaMM's own equations and solvers for each.

PyBaMM solves a whole experiment in one call and keeps all of it. This is the inner part of that call: so a
long experiment can be looked at, saved and ended between any two steps, and gives the same numbers.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim_runner.cell.endings import FINAL_TIME
from batterysim_runner.cell.tables import check_tables
from batterysim_runner.continuation.final_state import FinalState
from batterysim_runner.continuation.states import start_from
from batterysim_runner.experiment.ends import OWN_END, START_CHARGE, ends_after_charge
from batterysim_runner.experiment.steps import PlannedStep
from batterysim_runner.model.solver import failure_of

SKIPPED = "Event exceeded in initial conditions"
"""What ended a step that did not begin, because its end was reached already. PyBaMM's words."""

GIVEN_UP = "the solver gave up"
"""What ended a step whose equations could not be solved to its end."""

START_TIME = "start time"
"""An input of the equations of steps that follow a profile. PyBaMM's name."""


class State(NamedTuple):
    """Where the cell is between two steps: all that is needed to go on from there, to the last bit.

    step: index of the step that it comes from, whose equations give the vector its meaning.
    vector: all states of those equations, shape (n,).
    """

    time_seconds: float
    step: int
    vector: NDArray[np.float64]


class Done(NamedTuple):
    """How a step went.

    solution: None when the step's end was reached before it began.
    feasible: whether it ended as it was meant to.
    events: the names of those that ended it, or that kept it from beginning, in one text.
    failure: why the solver gave it up on the way, in its words; None: it did not.
    """

    solution: pybamm.Solution | None
    state: State | None
    ended_by: str
    feasible: bool
    events: str = ""
    failure: str | None = None


class Stepper:
    """Does steps, from wherever the cell is.

    sequence: the indices of the steps in the simulation's experiment.
    start: the state of an earlier run to go on from.
    """

    def __init__(
        self, simulation: pybamm.Simulation, sequence: Sequence[int], start: FinalState | None = None
    ) -> None:
        simulation.build_for_experiment()
        if start is not None:
            for model in simulation.steps_to_built_models.values():
                start_from(start, model)
        self._simulation = simulation
        self.parameters: pybamm.ParameterValues = simulation.parameter_values
        # as the experiment has them: copies of the planned ones
        self._steps: dict[int, pybamm.step.BaseStep] = {}
        for index, step in zip(sequence, simulation.experiment.steps, strict=True):
            self._steps.setdefault(index, step)

    def do(self, index: int, state: State | None, charge: float = 0.0) -> Done:
        """Do the step with this index from a state; None: from the beginning.

        charge: the discharge capacity so far, in A.h.

        Raises:
            pybamm.SolverError: it cannot be solved at all.
            SolverFailedError: the step left the range of the cell's tables.
        """
        step = self._steps[index]
        key = step.basic_repr()
        model = self._simulation.steps_to_built_models[key]
        solver = self._simulation.steps_to_built_solvers[key]
        before = self._solution_at(state)
        stops, points = step.setup_timestepping(solver, step.duration)
        try:
            solution = solver.step(
                before,
                model,
                step.duration,
                stops,
                t_interp=points,
                save=False,
                inputs=self._inputs(step, before.t[-1], charge),
                # Without it PyBaMM maps the state from one step's equations to another's less exactly.
                state_mapper=self._simulation._get_state_mapper_for_solution(before, model),
            )
        except pybamm.SolverError as error:
            if "non-positive at initial conditions" in str(error) and OWN_END in str(error):
                return Done(None, state, SKIPPED, feasible=True, events=str(error))
            raise
        return done_by(step, solver, solution, _end(solution, index))

    def model_of(self, state: State) -> pybamm.BaseModel:
        """Return the discretised model whose states a state has."""
        return self._simulation.steps_to_built_models[self._steps[state.step].basic_repr()]

    def _solution_at(self, state: State | None) -> pybamm.Solution | pybamm.EmptySolution:
        """Return a solution of a single point, which holds on to nothing that came before."""
        if state is None:
            return pybamm.EmptySolution()
        return pybamm.Solution(
            np.array([state.time_seconds]),
            state.vector[:, np.newaxis],
            self.model_of(state),
            self._inputs(self._steps[state.step], state.time_seconds, 0.0),
        )

    def _inputs(self, step: pybamm.step.BaseStep, time_seconds: float, charge: float) -> dict[str, float]:
        inputs = {START_TIME: time_seconds}
        return inputs | {START_CHARGE: charge} if ends_after_charge(step) else inputs


def done_by(
    step: pybamm.step.BaseStep, solver: pybamm.BaseSolver, solution: pybamm.Solution, end: State
) -> Done:
    """Return how a step went that has begun. end: where its solution ends.

    Raises:
        pybamm.SolverError: it could not be solved at all.
        SolverFailedError: it left the range of the cell's tables.
    """
    failure = failure_of(solver, solution)
    if failure is not None and len(solution.t) < 2:
        raise pybamm.SolverError(failure)
    check_tables(solution)
    if failure is not None:
        return Done(solution, end, GIVEN_UP, feasible=False, failure=failure)
    ended_by = solution.termination
    feasible = not step.uses_default_duration if ended_by == FINAL_TIME else OWN_END in ended_by
    return Done(solution, end, ended_by, feasible, ended_by)


def _end(solution: pybamm.Solution, index: int) -> State:
    """Return where a step's solution ends."""
    return State(float(solution.t[-1]), index, np.asarray(solution.all_ys[-1])[:, -1])


def all_transitions(steps: list[PlannedStep], sequence: Sequence[int]) -> pybamm.Experiment:
    """Return an experiment that has each way from a step to the next.

    sequence: indices of steps in which all of them occur.
    """
    return pybamm.Experiment([steps[index].step for index in sequence])
