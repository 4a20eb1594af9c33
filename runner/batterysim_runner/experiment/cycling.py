"""An experiment, solved cycle by cycle and step by step."""

from collections.abc import Callable
from functools import cache, partial
from typing import Protocol

import pybamm

from batterysim.cycle_record import Ageing, is_regular
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.results import EndReason
from batterysim.spec.protocols.experiment import Experiment
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.spec.steps.experiment import condition_fields
from batterysim.spec.steps.program import Place, Program
from batterysim_runner.cell.endings import reached, unsolvable
from batterysim_runner.continuation.final_state import FinalState
from batterysim_runner.continuation.states import final_state
from batterysim_runner.errors import InfeasibleError, LeftTablesError, RunError, SolverFailedError
from batterysim_runner.experiment.ageing import AgeingMeter
from batterysim_runner.experiment.checkpoint import Checkpoint
from batterysim_runner.experiment.checkpointing import Checkpointer
from batterysim_runner.experiment.ends import Scope
from batterysim_runner.experiment.recording import Recording
from batterysim_runner.experiment.step_result import Further, points_of, step_record, time_seconds
from batterysim_runner.experiment.stepper import GIVEN_UP, Done, State, Stepper, all_transitions
from batterysim_runner.experiment.steps import PlannedStep, plan_steps
from batterysim_runner.model.equations import build_model, build_simulation
from batterysim_runner.model.series import Observables
from batterysim_runner.model.variables import observables, require_variables
from batterysim_runner.report.explanation import NOTHING_BEGAN, explain
from batterysim_runner.report.measured import chooses_points, measured_times
from batterysim_runner.report.trace import Trace
from batterysim_runner.run_clock import RunClock


def solve_experiment(
    spec: BatterySimulationSpec,
    experiment: Experiment,
    parameters: pybamm.ParameterValues,
    run_clock: RunClock,
    checkpointer: Checkpointer | None = None,
    start: FinalState | None = None,
    finer: tuple[str, ...] = (),
) -> Trace:
    """Do the steps of an experiment: all cycles of it, or as many as there is time for.

    checkpointer: saves the run after a cycle, and knows whether another process has begun it.
    start: the state of an earlier run to go on from.
    finer: columns that the trace's integrand is to have.

    Raises:
        InvalidSpecError: a step cannot be understood.
        InfeasibleError: a step cannot begin in the first cycle.
        SolverFailedError: the first step cannot be solved at all.
    """
    steps = plan_steps(spec, experiment, parameters)
    model = build_model(spec)
    sequence = Program(experiment).sequence()
    simulation = build_simulation(spec, model, parameters, all_transitions(steps, sequence))
    require_variables(condition_fields(experiment), model)
    stepper = Stepper(simulation, sequence, start)
    meter = AgeingMeter(simulation) if experiment.cycles > 1 else None
    if experiment.until_capacity_fraction is not None and meter is not None and not meter.tells_capacity:
        raise InvalidSpecError([NO_CAPACITY])
    further = Further(measured_times(spec.output), not chooses_points(spec.output), finer)
    cycling = Cycling(steps, experiment, stepper, meter, run_clock, observables(spec, model), further)
    trace = do_cycles(cycling, experiment, checkpointer)
    end = cycling.state
    if end is None or trace.failure is not None:
        return trace
    state_of = partial(final_state, spec, stepper.parameters, stepper.model_of(end), end.vector)
    return trace._replace(state_of=cache(state_of))


def do_cycles(cycling: "Cycling", experiment: Experiment, checkpointer: Checkpointer | None) -> Trace:
    """Do all cycles, or those after a checkpoint."""
    if checkpointer is None or experiment.cycles == 1:
        return cycling.run(lambda: None)
    if (checkpoint := checkpointer.restore()) is not None:
        cycling.resume(checkpoint)
    return cycling.run(lambda: checkpointer.offer(cycling.checkpoint))


HOLDS_ALREADY = (
    "a condition for the end of the whole holds at time 0 already: change spec.protocol.experiment.until, or "
    "the state of the cell at the start"
)
NO_CAPACITY = Problem(
    FailureReason.INVALID_SPEC,
    "spec.protocol.experiment.untilCapacityFraction",
    "the model does not provide a capacity, which needs two electrodes of one material each: remove it",
)


class AnyStepper(Protocol):
    """Does the steps of an experiment, see Stepper."""

    parameters: pybamm.ParameterValues

    def do(self, index: int, state: State | None, charge: float = 0.0) -> Done:
        """Do a step."""


class Cycling:
    """An experiment under way. Of what is behind, it keeps the points of the result and the last state."""

    def __init__(
        self,
        steps: list[PlannedStep],
        experiment: Experiment,
        stepper: AnyStepper,
        meter: AgeingMeter | None,
        run_clock: RunClock,
        wanted: Observables,
        further: Further,
    ) -> None:
        self._steps = steps
        self._experiment = experiment
        self._cycles = experiment.cycles
        self._program = Program(experiment)
        self._longest_cycle = self._program.longest_cycle
        self._all_steps = self._program.steps_before(self._cycles + 1)
        self._steps_done = 0
        self._stepper = stepper
        self._meter = meter
        self._run_clock = run_clock
        self._wanted = wanted
        self._further = further
        self._recording = Recording()
        self._state: State | None = None
        self._cycles_done = 0
        self._failure: str | None = None
        self._unmeasured: pybamm.Solution | None = None
        """The end of the last complete cycle, until its ageing is measured."""

    @property
    def state(self) -> State | None:
        """Where the cell is; None: nothing has been done."""
        return self._state

    @property
    def last_end(self) -> str | None:
        """What ended the last step that began; None: none has."""
        return self._recording.records.last_end

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go on from where another process has come to."""
        self._cycles_done, spent_seconds, self._state, self._recording = checkpoint
        self._steps_done = self._program.steps_before(self._cycles_done + 1)
        self._run_clock.resume(spent_seconds, self._steps_done / self._all_steps)

    def checkpoint(self) -> Checkpoint:
        """Return all that is needed to go on. Between cycles only."""
        assert self._state is not None  # noqa: S101 - a cycle has been done
        return Checkpoint(self._cycles_done, self._run_clock.spent_seconds, self._state, self._measured())

    def run(self, after_cycle: Callable[[], None]) -> Trace:
        """Do what is left of the experiment."""
        for cycle in range(self._cycles_done + 1, self._cycles + 1):
            end_reason = self._do_cycle(cycle)
            if end_reason is not None:
                trace = self._measured().trace(end_reason, self._wanted.columns)
                return trace._replace(failure=self._failure)
            self._cycles_done = cycle
            if cycle < self._cycles:
                after_cycle()
        return self._measured().trace(EndReason.STEPS_FINISHED, self._wanted.columns)

    def _measured(self) -> Recording:
        """Return the recording. Ageing takes milliseconds, so that of most cycles it is never measured."""
        if self._meter is not None and self._unmeasured is not None:
            self._recording.records.set_ageing(self._meter.measure(self._unmeasured))
            self._unmeasured = None
        return self._recording

    def _do_cycle(self, cycle: int) -> EndReason | None:
        """Do the steps of a cycle. Tell what ended the experiment in it; None: it goes on."""
        last: pybamm.Solution | None = None
        order = self._program.order(cycle)
        ended_block: str | None = None
        for number, place in enumerate(order, 1):
            self._steps_done += 1
            if place.block is not None and place.block == ended_block:
                continue
            if self._run_clock.time_is_up and not self._recording.is_empty:
                return EndReason.WALL_CLOCK_LIMIT
            done = self._do_step(cycle, place)
            if self._failure is not None:
                return EndReason.SOLVER_FAILED
            if not done.feasible:
                return EndReason.INFEASIBLE_STEP
            if done.solution is not None:
                last = done.solution
            if Scope.EXPERIMENT in done.events:
                if self._recording.is_empty:
                    raise InfeasibleError(HOLDS_ALREADY)
                return EndReason.CONDITION_REACHED
            if Scope.BLOCK in done.events:
                ended_block = place.block
            self._tell(cycle, number, len(order))
        if last is None:
            if self._recording.is_empty:
                raise InfeasibleError(NOTHING_BEGAN)
            return EndReason.INFEASIBLE_STEP  # nor would it begin in any cycle after this one
        return self._close(cycle, last)

    def _do_step(self, cycle: int, place: Place) -> Done:
        planned = self._steps[place.step]
        where = _in_words(cycle, place, planned.text)
        try:
            done = self._stepper.do(place.step, self._state, self._recording.charge)
        except (pybamm.SolverError, ArithmeticError, SolverFailedError) as error:
            return self._broken_off(where, error)
        if done.solution is None and (obstacle := self._obstacle(planned, done)) is not None:
            if self._recording.is_empty:
                raise InfeasibleError(f"{where} cannot begin, because {obstacle}")
            done = done._replace(feasible=False)
        points = None
        if done.solution is not None:
            points = points_of(done.solution, planned, self._further, self._wanted)
            points = points.numbered(cycle, place.step + 1)
            self._recording.add(points)
        record = step_record(cycle, place, planned, done, points)
        self._recording.records.add_step(record, regular=self._is_regular(cycle))
        self._state = done.state
        if done.failure is not None:
            self._failure = f"{where}: {unsolvable(done.failure)}. {reached(self._recording.last)}"
        return done

    def _broken_off(self, where: str, error: Exception) -> Done:
        """Take note that a step cannot be solved at all, so that what came before it is kept.

        Raises:
            RunError: nothing came before it.
        """
        explained: RunError = (
            error if isinstance(error, RunError) else explain(error, self._stepper.parameters)
        )
        if self._recording.is_empty:
            raise type(explained)(f"{where}: {explained}") from error
        place = "" if isinstance(explained, LeftTablesError) else f". {reached(self._recording.last)}"
        self._failure = f"{where}: {explained}{place}"
        return Done(None, self._state, GIVEN_UP, feasible=False, failure=str(error))

    def _obstacle(self, planned: PlannedStep, done: Done) -> str | None:
        """Say why the run ends with a step that cannot begin; None where the next step follows."""
        if Scope.BLOCK in done.events or Scope.EXPERIMENT in done.events:
            return None
        if planned.must_begin and self._experiment.on_cut_off == "Stop":
            return (
                "the voltage is past a cut-off of the cell from its start: use a smaller current, another "
                "state of charge, spec.cutOffPolicy, or spec.protocol.experiment.onCutOff"
            )
        if not planned.must_begin and self._experiment.on_reached_end == "Stop":
            return (
                "it is over before it begins: change its end, its direction, or "
                "spec.protocol.experiment.onReachedEnd"
            )
        return None

    def _close(self, cycle: int, last: pybamm.Solution) -> EndReason | None:
        """Record a cycle that is done. Tell what ended the experiment with it; None: it goes on."""
        regular, fraction = self._is_regular(cycle), self._experiment.until_capacity_fraction
        ageing, self._unmeasured = None, last
        if self._meter is not None and (regular or fraction is not None):
            ageing, self._unmeasured = self._meter.measure(last), None
        is_over = fraction is not None and self._has_faded(fraction, ageing)
        self._recording.close_cycle(cycle, ageing, regular=regular)
        return EndReason.CONDITION_REACHED if is_over else None

    def _has_faded(self, fraction: float, ageing: Ageing | None) -> bool:
        """Tell whether the capacity is at most a fraction of that after the first cycle."""
        cycles = self._recording.records.cycles
        first = cycles[0].ageing if cycles else None
        if ageing is None or first is None or first.capacity_ampere_hours is None:
            return False
        # A cell that cannot reach its voltage limits any more has no capacity left.
        return (ageing.capacity_ampere_hours or 0.0) <= fraction * first.capacity_ampere_hours

    def _is_regular(self, cycle: int) -> bool:
        return is_regular(cycle, self._cycles, self._longest_cycle)

    def _tell(self, cycle: int, step: int, steps: int) -> None:
        self._run_clock.tell(
            self._steps_done / self._all_steps,
            time_seconds(self._state),
            cycle=cycle,
            cycles=self._cycles,
            step=step,
            steps=steps,
        )


def _in_words(cycle: int, place: Place, text: str) -> str:
    block = "" if place.block is None else f", block {place.block}, repetition {place.repetition}"
    return f"cycle {cycle}{block}, step {place.step + 1} ({text!r})"
