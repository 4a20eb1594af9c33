"""A protocol that is known beforehand, solved in one go or, where its time is limited, in pieces.

In one go the numbers are PyBaMM's own to the last bit, but nothing can interrupt it until the end. In pieces
the integrator starts again at each, which changes the numbers within its tolerances
(docs/decisions/006-progress-of-one-solve.md).
"""

from itertools import pairwise

import numpy as np
import pybamm

from batterysim.results import TIME, EndReason
from batterysim_runner.cell.endings import FINAL_TIME, end_reason, reached
from batterysim_runner.cell.tables import check_tables, observe_tables
from batterysim_runner.model.series import Observables
from batterysim_runner.protocols.grid import TimeGrid, Times
from batterysim_runner.report.trace import Series
from batterysim_runner.run_clock import RunClock

NOT_SUNDIALS = "initial conditions"
"""In errors before the solver begins."""

PIECES = 50
"""A limited run takes about a fiftieth longer than it may, at most."""


def follow(
    simulation: pybamm.Simulation, grid: TimeGrid, run_clock: RunClock, wanted: Observables
) -> tuple[Series, EndReason]:
    """Return what is wanted on the grid's integration points, and what ended the run.

    Raises:
        pybamm.SolverError: it cannot be solved.
        SolverFailedError: the run left the range of the cell's tables.
    """
    observe_tables(simulation)
    if run_clock.is_limited:
        simulation.build()
        return _in_pieces(simulation, grid, run_clock, wanted)
    points = None if grid.is_solvers else grid.integration
    try:
        solution = simulation.solve(grid.knots, t_interp=points)
    except pybamm.SolverError as error:
        place = None if NOT_SUNDIALS in str(error) else _place(simulation, grid, points, wanted)
        if place is None:
            raise
        raise pybamm.SolverError(f"{str(error).strip().splitlines()[0]}. {place}") from error
    check_tables(solution)
    return wanted.of(solution), end_reason(solution.termination)


def _place(
    simulation: pybamm.Simulation, grid: TimeGrid, points: Times | None, wanted: Observables
) -> str | None:
    """Say how far a solver that fails has come, if PyBaMM can tell, which it does where it need not fail."""
    simulation.solver.on_failure = "ignore"
    try:
        solution = simulation.solve(grid.knots, t_interp=points)
        return reached(wanted.of(solution)) if len(solution.t) > 1 else "It had not begun."
    except (pybamm.SolverError, ValueError, IndexError):
        return None
    finally:
        simulation.solver.on_failure = "error"


def _in_pieces(
    simulation: pybamm.Simulation, grid: TimeGrid, run_clock: RunClock, wanted: Observables
) -> tuple[Series, EndReason]:
    times = grid.integration
    cuts = np.unique(times[np.linspace(0, len(times) - 1, PIECES + 1).astype(int)])
    pieces: list[Series] = []
    before: pybamm.Solution | pybamm.EmptySolution = pybamm.EmptySolution()
    for start, end in pairwise(cuts):
        points = _between(times, start, end)
        solution = simulation.solver.step(
            before,
            simulation.built_model,
            end - start,
            np.union1d(_between(grid.knots, start, end), [start, end]) - start,
            t_interp=None if grid.is_solvers else points - start,
            save=False,
        )
        check_tables(solution)
        whole = solution.termination == FINAL_TIME
        values = wanted.of(solution)
        if not grid.is_solvers:
            _put_on_grid(values, points, whole=whole)
        # each piece begins with the point that the one before ended with
        pieces.append({name: column[1:] for name, column in values.items()} if pieces else values)
        if not whole:
            return _join(pieces), end_reason(solution.termination)
        run_clock.tell(end / cuts[-1], end)
        if run_clock.time_is_up and end < cuts[-1]:
            return _join(pieces), EndReason.WALL_CLOCK_LIMIT
        # PyBaMM's own last_state would hold on to the whole piece.
        before = pybamm.Solution(solution.t[-1:], solution.last_state.all_ys[0], simulation.built_model, {})
    return _join(pieces), EndReason.DURATION_REACHED


def _between(times: Times, start: float, end: float) -> Times:
    return times[(times >= start) & (times <= end)]


def _put_on_grid(values: Series, points: Times, *, whole: bool) -> None:
    """Take back what rounding did to the times."""
    times = values[TIME.name]
    count = len(times) if whole else len(times) - 1  # an event's own point is the last
    times[:count] = points[:count]


def _join(pieces: list[Series]) -> Series:
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
