"""What the solver makes of compiled equations, and of PyBaMM's own.

With the same numbers as its inputs, PyBaMM's functions round as the compiled ones do, and so the solver takes
the same steps. Numbers, limits and points in time are the compiled run's own: whether these are right, the
comparison of functions and that with the numbers built in show.

With the numbers built in, as when the runner has nothing compiled, PyBaMM simplifies formulas of numbers and
rounds otherwise. Now and then the solver then repeats a step that it accepts with inputs, and both agree as
well as its tolerances ask for.
"""

import resource
import signal
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pybamm

from batterysim.catalogue.parameter_names import LOWER_CUT_OFF, UPPER_CUT_OFF
from batterysim.results import TIME, VOLTAGE, EndReason
from batterysim.spec.model import Solver
from batterysim_runner.cell.endings import end_reason, unsolvable
from batterysim_runner.compiled.compilation import Built, build_with_inputs
from batterysim_runner.compiled.equations import UnsolvedError
from batterysim_runner.compiled.names import TABLE_TIMES, TABLE_VALUES
from batterysim_runner.compiled.run import CompiledRun
from batterysim_runner.compiled.shape import TABLE_ROWS, Shape
from batterysim_runner.errors import RunError, SolverFailedError
from batterysim_runner.protocols.followed import followed
from batterysim_runner.protocols.grid import time_grid
from batterysim_runner.protocols.pieces import follow
from batterysim_runner.report.explanation import explain
from batterysim_runner.report.trace import Trace
from batterysim_runner.run_clock import RunClock
from batterysim_runner.solution import solve

Numbers = npt.NDArray[np.float64]

MOST_VOLTS = 1e-8
MOST_SECONDS = 1e-6
MOST_CPU_SECONDS = 20

_LIMITS = (EndReason.LOWER_CUT_OFF, EndReason.UPPER_CUT_OFF)


class Difference(NamedTuple):
    """What differs between two solutions.

    ended: how both ended, or the reason of the failure of both; where they do not agree, both.
    points: how many voltages were compared; a run that cannot begin, or does not end, has none.
    """

    volts: float
    seconds: float
    ended: str
    agree: bool
    points: int

    @property
    def counts(self) -> bool:
        """Whether it says something."""
        return not self.agree or self.points > 0

    @property
    def is_small(self) -> bool:
        """Whether both are equal."""
        return self.agree and self.volts <= MOST_VOLTS and self.seconds <= MOST_SECONDS


class WithInputs:
    """PyBaMM's own models of a shape, with inputs in the place of numbers."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._built = None if shape.control.is_table else build_with_inputs(shape)

    def solve(self, run: CompiledRun) -> Trace:
        """Solve a run of the shape with PyBaMM.

        Raises:
            RunError: it cannot be solved.
        """
        given, ours = run.spec.solver, Solver()
        if (given.relative_tolerance, given.absolute_tolerance) != (
            ours.relative_tolerance,
            ours.absolute_tolerance,
        ):
            raise LookupError("the models of a shape have PyBaMM's own tolerances")
        numbers = _by_name(run)
        built = self._built or build_with_inputs(
            self._shape,
            controlled=pybamm.Interpolant(numbers[TABLE_TIMES], numbers[TABLE_VALUES], pybamm.t),
        )
        try:
            return _solve(built, numbers, run)
        except (pybamm.SolverError, pybamm.ModelError, ArithmeticError) as error:
            cut_offs = dict(zip((LOWER_CUT_OFF, UPPER_CUT_OFF), run.bound.cut_offs, strict=True))
            raise explain(error, pybamm.ParameterValues(cut_offs)) from error


def compare_with_inputs(run: CompiledRun, theirs: WithInputs) -> Difference:
    """Compare a compiled run with PyBaMM, which has the same numbers as inputs."""
    return _difference(partial(_compiled, run), partial(theirs.solve, run))


def compare_built_in(run: CompiledRun) -> Difference:
    """Compare a compiled run with PyBaMM, which has the numbers of the same spec built in."""
    return _difference(partial(_compiled, run), partial(solve, run.spec))


def _compiled(run: CompiledRun) -> Trace:
    try:
        return run.solve()
    except UnsolvedError as error:
        raise SolverFailedError(unsolvable(str(error))) from error


def _solve(built: Built, numbers: dict[str, Numbers], run: CompiledRun) -> Trace:
    simulation, wanted = built.simulation, built.wanted
    simulation.solver.output_variables = list(wanted.names)
    inputs = {name: float(numbers[name][0]) for name in built.inputs.names}
    simulation.solve = partial(simulation.solve, inputs=inputs)
    try:
        grid = time_grid(run.prescription, run.spec.output)
        course, grid = follow(simulation, grid, RunClock(lambda _: None, time.monotonic), wanted)
    finally:
        del simulation.solve
    if course.failure is not None:
        raise SolverFailedError(course.failure)
    ended = {
        # A limit that the spec ignores has another name: see limit_events.py.
        limit: end_reason(f"event: {name}")
        for limit, name in zip(_LIMITS, run.bound.limits.names, strict=True)
    }
    reason = ended.get(course.end_reason, course.end_reason)
    return followed(run.prescription, grid, course.values, reason, wanted.columns)


def _by_name(run: CompiledRun) -> dict[str, Numbers]:
    names = run.equations.description.inputs.names
    sizes = [TABLE_ROWS if name in (TABLE_TIMES, TABLE_VALUES) else 1 for name in names]
    return dict(zip(names, np.split(run.bound.inputs, np.cumsum(sizes)[:-1]), strict=True))


class Outcome(NamedTuple):
    """How a run ended, or the reason of its failure, and when; and its voltages."""

    ended: str
    seconds: float
    volts: Numbers


UNENDED = Outcome("no end", 0.0, np.empty(0))
"""With a cut-off ignored, some runs come nearer and nearer to where the equations end."""


def _difference(ours: Callable[[], Trace], theirs: Callable[[], Trace]) -> Difference:
    one, other = _outcome(ours), _outcome(theirs)
    agree = one.ended == other.ended and len(one.volts) == len(other.volts)
    most = float(abs(one.volts - other.volts).max(initial=0)) if agree else np.inf
    ended = " / ".join(dict.fromkeys((one.ended, other.ended)))
    return Difference(most, abs(one.seconds - other.seconds), ended, agree, len(one.volts))


def _outcome(solve: Callable[[], Trace]) -> Outcome:
    """Solve in a child, which ends when it has taken too long."""
    fork = get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    child = fork.Process(target=_send_outcome, args=(solve, sender))
    child.start()
    sender.close()
    try:
        outcome: Outcome = receiver.recv()
    except EOFError:
        outcome = UNENDED
    child.join()
    if outcome is UNENDED and child.exitcode != -signal.SIGXCPU:
        raise RuntimeError(f"a solve ended with exit code {child.exitcode}")
    return outcome


def _send_outcome(solve: Callable[[], Trace], sender: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS + 1))
    try:
        trace = solve()
    except RunError as error:
        sender.send(Outcome(str(error.reason), 0.0, np.empty(0)))
    else:
        output = trace.output()
        times, volts = output[TIME.name], output[VOLTAGE.name]
        sender.send(Outcome(str(trace.end_reason), float(times[-1]), volts))
