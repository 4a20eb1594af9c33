"""The one way from a spec to a solved run: *prepare* finds something to solve, which then is solved.

That is a compiled simulation where the image has one that fits, and else a model that PyBaMM builds.
Nothing of PyBaMM is imported before it is needed.
"""

import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from batterysim.results import SolvedFrom
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.endings import NO_STEP, unsolvable
from batterysim_runner.compiled.equations import UnsolvedError
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.run import CompiledRun, compiled_run
from batterysim_runner.continuation.final_state import FinalState
from batterysim_runner.errors import SolverFailedError
from batterysim_runner.report.measured import with_measured
from batterysim_runner.report.trace import Trace
from batterysim_runner.run_clock import Clock, Keep, Report

if TYPE_CHECKING:
    from batterysim_runner.experiment.checkpointing import Checkpointer


class Prepared(Protocol):
    """A simulation that is ready to be solved."""

    @property
    def solved_from(self) -> SolvedFrom:
        """Where its equations come from."""

    def solve(
        self,
        report: Report = ...,
        clock: Clock = ...,
        checkpointer: "Checkpointer | None" = ...,
        keep: Keep = ...,
    ) -> Trace:
        """Solve it; the arguments are those of `solution.solve`.

        Raises:
            InvalidSpecError: PyBaMM does not take the spec.
            RunError: it cannot be solved.
        """


class Compiled(NamedTuple):
    """A simulation whose equations are compiled. It is over so soon that nobody is told how far it is.

    What the solver gives up on the way is left to PyBaMM: see solve_compiled.

    own_process: whether nobody else has a use for PyBaMM here, who would miss what we do not import of it.
    """

    run: CompiledRun
    own_process: bool
    solved_from: SolvedFrom = SolvedFrom.COMPILED

    def solve(
        self,
        report: Report = lambda _: None,
        clock: Clock = time.monotonic,
        checkpointer: "Checkpointer | None" = None,
        keep: Keep = lambda: False,
    ) -> Trace:
        """See Prepared."""
        try:
            return with_measured(solve_compiled(self.run), self.run.spec)
        except UnsolvedError:
            return modelled(self.run.spec, own_process=self.own_process).solve(
                report, clock, checkpointer, keep
            )


class Modelled(NamedTuple):
    """A simulation whose equations PyBaMM makes.

    start: the state of an earlier run that it goes on from. finer: see `solution.solve`.
    """

    spec: BatterySimulationSpec
    start: FinalState | None = None
    finer: tuple[str, ...] = ()
    solved_from: SolvedFrom = SolvedFrom.MODEL

    def solve(
        self,
        report: Report = lambda _: None,
        clock: Clock = time.monotonic,
        checkpointer: "Checkpointer | None" = None,
        keep: Keep = lambda: False,
    ) -> Trace:
        """See Prepared."""
        from batterysim_runner.solution import solve  # noqa: PLC0415 - imports PyBaMM

        trace = solve(self.spec, report, clock, checkpointer, keep, self.start, self.finer)
        return with_measured(trace, self.spec)


def prepare(
    spec: BatterySimulationSpec,
    library: Library,
    *,
    own_process: bool = True,
    start: FinalState | None = None,
) -> Prepared:
    """Return a spec ready to be solved: `prepared.solve()` does it, as often as one likes.

    spec: one that has been checked, with the contents that it refers to in it.
    library: the compiled simulations that there are. What it has loaded is used again for the next spec.
    own_process: see Compiled.
    start: the state of the earlier run that the spec goes on from, if it does.
    """
    run = compiled_run(spec, library)
    if run is None:
        return modelled(spec, own_process=own_process, start=start)
    return Compiled(run, own_process)


def solve_compiled(run: CompiledRun) -> Trace:
    """Solve a simulation with compiled equations.

    Where the solver gives up on the way, rounding may have decided, and PyBaMM's word counts. Where a current
    or power that stays the same does not allow a first step, both have the same equations and the same guess,
    and give up in the same words (docs/decisions/161-runs-that-cannot-begin.md).

    Raises:
        InfeasibleError: the voltage is past a cut-off at time 0.
        SolverFailedError: the run left the cell's tables, or the solver could not make a step.
        UnsolvedError: the solver gave up later, or where a table of currents goes on.
    """
    try:
        return run.solve()
    except UnsolvedError as error:
        if NO_STEP not in str(error) or run.equations.description.shape.control.is_table:
            raise
        raise SolverFailedError(unsolvable(str(error))) from None


def modelled(
    spec: BatterySimulationSpec,
    *,
    own_process: bool = True,
    start: FinalState | None = None,
    finer: tuple[str, ...] = (),
) -> Modelled:
    """Return a spec ready to be solved by PyBaMM, which is imported."""
    if own_process:
        from batterysim_runner.lean_pybamm import import_pybamm  # noqa: PLC0415

        import_pybamm()
    from batterysim_runner import solution  # noqa: F401, PLC0415 - so that it is ready now

    return Modelled(spec, start, finer)
