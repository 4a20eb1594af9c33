"""A protocol that is known beforehand, solved in one go or, where its time is limited, in pieces.

In one go the numbers are PyBaMM's own to the last bit, but nothing can interrupt it until the end. In pieces
the integrator starts again at each, which changes the numbers within its tolerances
(docs/decisions/006-progress-of-one-solve.md).
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pybamm

from batterysim.results import TIME, EndReason
from batterysim_runner.cell.endings import FINAL_TIME, end_reason, reached, unsolvable
from batterysim_runner.cell.tables import check_tables, observe_tables
from batterysim_runner.errors import LeftTablesError, SolverFailedError
from batterysim_runner.model.series import Observables
from batterysim_runner.model.solver import failure_of
from batterysim_runner.protocols.grid import TimeGrid, Times
from batterysim_runner.report.explanation import explain
from batterysim_runner.report.trace import Integrand, Series
from batterysim_runner.run_clock import RunClock

NO_EVENTS = {EndReason.DURATION_REACHED, EndReason.WALL_CLOCK_LIMIT, EndReason.SOLVER_FAILED}
"""How a run ends that nothing in the cell ends."""

PIECES = 50
"""A limited run takes about a fiftieth longer than it may, at most."""


class Course(NamedTuple):
    """What became of a protocol: its series on the grid's integration points, and what ended it.

    failure: why the solver gave up after the last point, for a person; None: it did not.
    vector: the states of the discretised model at the last point, shape (n,); None: the run has failed.
    """

    values: Series
    end_reason: EndReason
    failure: str | None = None
    vector: Times | None = None


def follow(
    simulation: pybamm.Simulation, grid: TimeGrid, run_clock: RunClock, wanted: Observables
) -> tuple[Course, TimeGrid]:
    """Follow a protocol to its end, to an event, or as far as it can be solved.

    Return what became of it, and the grid that its points are on: of a run that ends early, a finer one.

    Raises:
        pybamm.SolverError: it cannot be solved at all.
        SolverFailedError: the run left the range of the cell's tables.
    """
    observe_tables(simulation)
    course = _follow(simulation, grid, run_clock, wanted)
    if course.end_reason in NO_EVENTS or run_clock.time_is_up:
        return course, grid
    finer = grid.until(float(course.values[TIME.name][-1]))
    if finer is None:
        return course, grid
    again = _follow(simulation, finer, run_clock, wanted)
    return (again, finer) if again.end_reason is course.end_reason else (course, grid)


def integrand_of(
    simulation: pybamm.Simulation, grid: TimeGrid, run_clock: RunClock, wanted: Observables, course: Course
) -> Integrand | None:
    """Return what is integrated in the place of the solver's own points, which are too few: of another solve.

    None: the course has points of the grid, or the run could not be solved in the same way again.
    """
    if not grid.is_solvers or run_clock.time_is_up:
        return None
    again, finer = follow(simulation, grid._replace(is_solvers=False), run_clock, wanted)
    if again.end_reason is not course.end_reason:
        return None
    return Integrand(again.values, finer.halving(again.values[TIME.name]))


def _follow(
    simulation: pybamm.Simulation, grid: TimeGrid, run_clock: RunClock, wanted: Observables
) -> Course:
    if run_clock.is_limited:
        simulation.build()
        return _in_pieces(simulation, grid, run_clock, wanted)
    points = None if grid.is_solvers else grid.integration
    solution = simulation.solve(grid.knots, t_interp=points)
    failure = failure_of(simulation.solver, solution)
    if failure is not None and len(solution.t) < 2:
        raise pybamm.SolverError(f"{failure}. It had not begun.")
    check_tables(solution)
    values = wanted.of(solution)
    if failure is not None:
        return _given_up(values, f"{failure}. {reached(values)}")
    return Course(values, end_reason(solution.termination), vector=_last(solution))


def _last(solution: pybamm.Solution) -> Times:
    """Return the last states. Of a solver that returns chosen variables, these are all that there are."""
    return np.array(solution.y_event, dtype=np.float64).ravel()


def _given_up(values: Series, failure: str) -> Course:
    return Course(values, EndReason.SOLVER_FAILED, unsolvable(failure))


def _in_pieces(
    simulation: pybamm.Simulation, grid: TimeGrid, run_clock: RunClock, wanted: Observables
) -> Course:
    times = grid.integration
    cuts = np.unique(times[np.linspace(0, len(times) - 1, PIECES + 1).astype(int)])
    pieces: list[Series] = []
    before: pybamm.Solution | pybamm.EmptySolution = pybamm.EmptySolution()
    for start, end in pairwise(cuts):
        points = _between(times, start, end)
        try:
            solution = _piece(simulation, grid, before, (start, end), points)
        except (pybamm.SolverError, SolverFailedError) as error:
            if not pieces:
                raise
            return _broken_off(_join(pieces), error, simulation.parameter_values)
        whole = solution.termination == FINAL_TIME
        values = wanted.of(solution)
        if not grid.is_solvers:
            _put_on_grid(values, points, whole=whole)
        # each piece begins with the point that the one before ended with
        pieces.append({name: column[1:] for name, column in values.items()} if pieces else values)
        if (failure := failure_of(simulation.solver, solution)) is not None:
            so_far = _join(pieces)
            return _given_up(so_far, f"{failure}. {reached(so_far)}")
        if not whole:
            return Course(_join(pieces), end_reason(solution.termination), vector=_last(solution))
        run_clock.tell(end / cuts[-1], end)
        if run_clock.time_is_up and end < cuts[-1]:
            return Course(_join(pieces), EndReason.WALL_CLOCK_LIMIT, vector=_last(solution))
        # PyBaMM's own last_state would hold on to the whole piece.
        before = pybamm.Solution(solution.t[-1:], solution.last_state.all_ys[0], simulation.built_model, {})
    return Course(_join(pieces), EndReason.DURATION_REACHED, vector=_last(solution))


def _piece(
    simulation: pybamm.Simulation,
    grid: TimeGrid,
    before: pybamm.Solution | pybamm.EmptySolution,
    ends: tuple[float, float],
    points: Times,
) -> pybamm.Solution:
    """Return the solution of one piece, from one of its ends to the other.

    Raises:
        pybamm.SolverError: it cannot be solved at all.
        SolverFailedError: the run left the range of the cell's tables.
    """
    start, end = ends
    solution = simulation.solver.step(
        before,
        simulation.built_model,
        end - start,
        np.union1d(_between(grid.knots, start, end), [start, end]) - start,
        t_interp=None if grid.is_solvers else points - start,
        save=False,
    )
    failure = failure_of(simulation.solver, solution)
    if failure is not None and len(solution.t) < 2:
        raise pybamm.SolverError(failure)
    check_tables(solution)
    return solution


def _broken_off(values: Series, error: Exception, parameters: pybamm.ParameterValues) -> Course:
    """Return what came before a piece that cannot be solved at all."""
    explained = error if isinstance(error, SolverFailedError) else explain(error, parameters)
    # Where it left a table says the table's name.
    place = "" if isinstance(explained, LeftTablesError) else f". {reached(values)}"
    return Course(values, EndReason.SOLVER_FAILED, f"{explained}{place}")


def _between(times: Times, start: float, end: float) -> Times:
    return times[(times >= start) & (times <= end)]


def _put_on_grid(values: Series, points: Times, *, whole: bool) -> None:
    """Take back what rounding did to the times."""
    times = values[TIME.name]
    count = len(times) if whole else len(times) - 1  # an event's own point is the last
    times[:count] = points[:count]


def _join(pieces: list[Series]) -> Series:
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
