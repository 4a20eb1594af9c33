"""An experiment, solved cycle by cycle and step by step."""

from collections.abc import Callable

import numpy as np
import pybamm

from batterysim.cycle_record import is_recorded
from batterysim.results import VOLTAGE, EndReason, StepRecord
from batterysim.spec.protocols.protocol import Experiment
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.errors import InfeasibleError
from batterysim_runner.experiment.ageing import AgeingMeter
from batterysim_runner.experiment.checkpoint import Checkpoint
from batterysim_runner.experiment.checkpointing import Checkpointer
from batterysim_runner.experiment.recording import Points, Recording, exchanged
from batterysim_runner.experiment.stepper import Done, State, Stepper, all_transitions
from batterysim_runner.experiment.steps import PlannedStep, plan_steps
from batterysim_runner.model.equations import build_model, build_simulation
from batterysim_runner.model.series import Observables
from batterysim_runner.model.variables import observables
from batterysim_runner.report.explanation import NOTHING_BEGAN, explain
from batterysim_runner.report.trace import Trace
from batterysim_runner.run_clock import RunClock


def solve_experiment(
    spec: BatterySimulationSpec,
    experiment: Experiment,
    parameters: pybamm.ParameterValues,
    run_clock: RunClock,
    checkpointer: Checkpointer | None = None,
) -> Trace:
    """Do the steps of an experiment: all cycles of it, or as many as there is time for.

    checkpointer: saves the run after a cycle, and knows whether another process has begun it.

    Raises:
        InvalidSpecError: a step cannot be understood.
        InfeasibleError: a step cannot begin in the first cycle.
        SolverFailedError: a step cannot be solved.
    """
    steps = plan_steps(spec, experiment, parameters)
    model = build_model(spec)
    simulation = build_simulation(spec, model, parameters, all_transitions(steps, experiment.cycles))
    stepper = Stepper(simulation, len(steps))
    meter = AgeingMeter(simulation) if experiment.cycles > 1 else None
    cycling = Cycling(steps, experiment, stepper, meter, run_clock, observables(spec, model))
    if checkpointer is None or experiment.cycles == 1:
        return cycling.run(lambda: None)
    if (checkpoint := checkpointer.restore()) is not None:
        cycling.resume(checkpoint)
    return cycling.run(lambda: checkpointer.offer(cycling.checkpoint))


class Cycling:
    """An experiment under way. Of what is behind, it keeps the points of the result and the last state."""

    def __init__(
        self,
        steps: list[PlannedStep],
        experiment: Experiment,
        stepper: Stepper,
        meter: AgeingMeter | None,
        run_clock: RunClock,
        wanted: Observables,
    ) -> None:
        self._steps = steps
        self._experiment = experiment
        self._cycles = experiment.cycles
        self._stepper = stepper
        self._meter = meter
        self._run_clock = run_clock
        self._wanted = wanted
        self._recording = Recording()
        self._state: State | None = None
        self._cycles_done = 0

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go on from where another process has come to."""
        self._cycles_done, spent_seconds, self._state, self._recording = checkpoint
        self._run_clock.resume(spent_seconds, self._cycles_done / self._cycles)

    def checkpoint(self) -> Checkpoint:
        """Return all that is needed to go on. Between cycles only."""
        assert self._state is not None  # noqa: S101 - a cycle has been done
        return Checkpoint(self._cycles_done, self._run_clock.spent_seconds, self._state, self._recording)

    def run(self, after_cycle: Callable[[], None]) -> Trace:
        """Do what is left of the experiment."""
        for cycle in range(self._cycles_done + 1, self._cycles + 1):
            end_reason = self._do_cycle(cycle)
            if end_reason is not None:
                return self._recording.trace(end_reason, self._wanted.columns)
            self._cycles_done = cycle
            if cycle < self._cycles:
                after_cycle()
        return self._recording.trace(EndReason.STEPS_FINISHED, self._wanted.columns)

    def _do_cycle(self, cycle: int) -> EndReason | None:
        """Do the steps of a cycle. Tell what ended the experiment in it; None: it goes on."""
        last: pybamm.Solution | None = None
        for index in range(len(self._steps)):
            if self._run_clock.time_is_up and not self._recording.is_empty:
                return EndReason.WALL_CLOCK_LIMIT
            done = self._do_step(cycle, index)
            if not done.feasible:
                return EndReason.INFEASIBLE_STEP
            if done.solution is not None:
                last = done.solution
            self._tell(cycle, index)
        if last is None:
            if self._recording.is_empty:
                raise InfeasibleError(NOTHING_BEGAN)
            return EndReason.INFEASIBLE_STEP  # nor would it begin in any cycle after this one
        self._close(cycle, last)
        return None

    def _do_step(self, cycle: int, index: int) -> Done:
        planned = self._steps[index]
        place = f"cycle {cycle}, step {index + 1} ({planned.text!r})"
        try:
            done = self._stepper.do(index, self._state)
        except (pybamm.SolverError, ArithmeticError) as error:
            explained = explain(error, self._stepper.parameters)
            raise type(explained)(f"{place}: {explained}") from error
        if done.solution is None and (obstacle := self._obstacle(planned)) is not None:
            if self._recording.is_empty:
                raise InfeasibleError(f"{place} cannot begin, because {obstacle}")
            done = done._replace(feasible=False)
        points = None
        if done.solution is not None:
            points = _points(done.solution, planned.period_seconds, self._wanted).numbered(cycle, index + 1)
            self._recording.add(points)
        if self._is_recorded(cycle) or not done.feasible:
            self._recording.steps.append(_step_record(cycle, index, planned.text, done, points))
        self._state = done.state
        return done

    def _obstacle(self, planned: PlannedStep) -> str | None:
        """Say why the run ends with a step that cannot begin; None where the next step follows."""
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

    def _close(self, cycle: int, last: pybamm.Solution) -> None:
        if self._is_recorded(cycle):
            ageing = self._meter.measure(last) if self._meter else None
            self._recording.cycles.append(self._recording.measure_cycle(cycle, ageing))
        self._recording.close_cycle()

    def _is_recorded(self, cycle: int) -> bool:
        return is_recorded(cycle, self._cycles, len(self._steps))

    def _tell(self, cycle: int, index: int) -> None:
        steps = len(self._steps)
        self._run_clock.tell(
            ((cycle - 1) * steps + index + 1) / (self._cycles * steps),
            _time_seconds(self._state),
            cycle=cycle,
            cycles=self._cycles,
            step=index + 1,
            steps=steps,
        )


def _points(solution: pybamm.Solution, period_seconds: float | None, wanted: Observables) -> Points:
    """Return a step's points: the solver's own, and those that the result is to have.

    The solver's own are kept also where the result has few, so that the summary does not depend on those.
    """
    if period_seconds is None:
        return Points(wanted.of(solution), np.full(len(solution.t), True))
    start, end = solution.t[0], solution.t[-1]
    inner = np.arange(start, end, period_seconds)
    output = np.append(inner[end - inner > 1e-9 * end], end)
    times = np.union1d(solution.t, output)
    return Points(wanted.of(solution, times), np.isin(times, output))


def _step_record(cycle: int, index: int, text: str, done: Done, points: Points | None) -> StepRecord:
    record = StepRecord(
        cycle=cycle,
        step=index + 1,
        instruction=text,
        end_time_seconds=_time_seconds(done.state),
        ended_by=done.ended_by,
    )
    if points is None:
        return record
    volts = points.values[VOLTAGE.name]
    measured = {**exchanged(points.values), "begin_volts": float(volts[0]), "end_volts": float(volts[-1])}
    return record.model_copy(update=measured)


def _time_seconds(state: State | None) -> float:
    return 0.0 if state is None else state.time_seconds
