"""One simulation with compiled equations."""

from functools import cache, partial
from typing import NamedTuple

from batterysim.catalogue.prescription import Prescription, prescription
from batterysim.continuation.likeness import likeness
from batterysim.results import TIME, EndReason, SolvedFrom
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.endings import (
    FINAL_TIME,
    TABLE_TOLERANCE,
    at_start,
    end_reason,
    left_tables,
)
from batterysim_runner.cell.limit_events import LOWER_EVENT, UPPER_EVENT
from batterysim_runner.compiled.equations import Equations, Numbers, Solved
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.numbers import Bound, bind
from batterysim_runner.compiled.shape import shape_of
from batterysim_runner.continuation.final_state import FinalState, StateVariable
from batterysim_runner.errors import SolverFailedError
from batterysim_runner.protocols.followed import followed
from batterysim_runner.protocols.grid import TimeGrid, time_grid
from batterysim_runner.report.trace import Integrand, Series, Trace


class CompiledRun(NamedTuple):
    """A spec whose equations are compiled, with its numbers."""

    spec: BatterySimulationSpec
    prescription: Prescription
    equations: Equations
    bound: Bound

    def solve(self) -> Trace:
        """Solve it.

        Raises:
            InfeasibleError: the voltage is past a cut-off at time 0.
            SolverFailedError: the run left the cell's tables.
            UnsolvedError: the solver gave up.
        """
        return self._solve_for(time_grid(self.prescription, self.spec.output))

    def _solve_for(self, grid: TimeGrid) -> Trace:
        solved = self._solve_on(grid)
        if solved.past_at_start:
            past = [repr(self._event(number)) for number in solved.past_at_start]
            raise at_start(", ".join(past), *self.bound.cut_offs)
        self._check_tables(solved)
        names = self.equations.description.names
        if solved.ended_by is not None:
            end_seconds = float(solved.outputs[-1, names.index(TIME.name)])
            if (finer := grid.until(end_seconds)) is not None:
                grid, solved = finer, self._solve_on(finer)
                self._check_tables(solved)
        values: Series = {name: solved.outputs[:, number] for number, name in enumerate(names)}
        columns = self.equations.description.columns
        trace = followed(self.prescription, grid, values, self._end_reason(solved), columns)
        state_of = None if solved.end is None else cache(partial(self._state, solved.end))
        return trace._replace(
            solved_from=SolvedFrom.COMPILED, state_of=state_of, integrand=self._integrand(grid)
        )

    def _integrand(self, grid: TimeGrid) -> Integrand | None:
        """Return what is integrated in the place of the solver's own points, which are too few."""
        if not grid.is_solvers:
            return None
        again = self._solve_for(grid._replace(is_solvers=False))
        return None if again.halves is None else Integrand(again.values, again.halves)

    def _solve_on(self, grid: TimeGrid) -> Solved:
        solver = self.spec.solver
        return self.equations.solve(
            self.bound.inputs,
            grid.knots,
            None if grid.is_solvers else grid.integration,
            (solver.relative_tolerance, solver.absolute_tolerance),
        )

    def _state(self, end: Numbers) -> FinalState:
        values, variables = self.equations.physical_states(end, self.bound.inputs), []
        for name, begins, ends, is_differential in self.equations.description.states:
            count = ends - begins
            variables.append(StateVariable.of(name, values[:count], is_differential=is_differential))
            values = values[count:]
        return FinalState(key=likeness(self.spec), parameters=dict(self.bound.initial), variables=variables)

    def _end_reason(self, solved: Solved) -> EndReason:
        ended_by = solved.ended_by
        return end_reason(FINAL_TIME if ended_by is None else f"event: {self._event(ended_by)}")

    def _event(self, number: int) -> str:
        """Return the name of an event. Where a cut-off is ignored, a far wider limit has taken its place."""
        name = self.equations.description.events[number]
        lower, upper = self.bound.limits.names
        return {LOWER_EVENT: lower, UPPER_EVENT: upper}.get(name, name)

    def _check_tables(self, solved: Solved) -> None:
        description = self.equations.description
        margins = solved.outputs[:, len(description.names) :].min(axis=0)
        left = {
            name
            for name, margin in zip(description.tables, margins, strict=True)
            if margin < -TABLE_TOLERANCE
        }
        if left:
            raise SolverFailedError(left_tables(sorted(left)))


def compiled_run(spec: BatterySimulationSpec, library: Library) -> CompiledRun | None:
    """Return a spec's run with compiled equations; None where it needs PyBaMM."""
    prescribed = prescription(spec.protocol)
    shape = shape_of(spec, prescribed)
    if prescribed is None or shape is None or (equations := library.find(shape)) is None:
        return None
    bound = bind(spec, prescribed, equations.description, equations.electrodes)
    if bound is None:
        return None
    return CompiledRun(spec, prescribed, equations, bound)
