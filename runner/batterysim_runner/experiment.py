"""Experiments: steps in words, with the cell's cut-offs on top.

PyBaMM lets an experiment pass both cut-offs by 1 V before it gives up. Here each step that charges or
discharges also ends at the cell's cut-off, unless the spec says to ignore it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim.failure import FailureReason
from batterysim.results import EndReason, StepRecord
from batterysim.spec import BatterySimulationSpec, Experiment
from batterysim.validation import InvalidSpecError, Problem
from batterysim_runner.errors import InfeasibleError

SKIPPED = "Event exceeded in initial conditions"
"""What PyBaMM says ended a step that it did not begin."""

Report = Callable[[int], None]
"""Is told how far a run is, in percent."""


class Course(pybamm.callbacks.Callback):  # type: ignore[misc]  # PyBaMM is not typed
    """Watches an experiment while it is solved: how far it is, and whether it came to its end."""

    def __init__(self, steps: int, cycles: int, report: Report) -> None:
        self._steps = steps
        self._cycles = cycles
        self._report = report
        self.infeasible = False
        self.error: tuple[str, Exception] | None = None

    def on_step_end(self, logs: dict[str, Any]) -> None:
        """Tell how many of all steps are done."""
        cycle, step = logs["cycle number"][0], logs["step number"][0]
        done = (cycle - 1) * self._steps + step
        self._report(100 * done // (self._steps * self._cycles))

    def on_experiment_infeasible_time(self, logs: dict[str, Any]) -> None:  # noqa: ARG002 - PyBaMM's signature
        """Note that a step without a duration did not reach its end in a day."""
        self.infeasible = True

    def on_experiment_infeasible_event(self, logs: dict[str, Any]) -> None:  # noqa: ARG002 - PyBaMM's signature
        """Note that a step ran into a limit that is not its own."""
        self.infeasible = True

    def on_experiment_error(self, logs: dict[str, Any]) -> None:
        """Note a failure of the solver, after which PyBaMM returns what came before as if all were well."""
        place = f"cycle {logs['cycle number'][0]}, step {logs['step number'][0]}"
        self.error = (place, logs["error"])

    @property
    def end_reason(self) -> EndReason:
        """What ended the experiment."""
        return EndReason.INFEASIBLE_STEP if self.infeasible else EndReason.STEPS_FINISHED


class Plan(NamedTuple):
    """An experiment for PyBaMM.

    must_begin: for each step of a cycle, whether only a cut-off of the cell could keep it from beginning.
        A step with a voltage of its own to reach is done when it is there already; any other is infeasible.
    """

    experiment: pybamm.Experiment
    must_begin: list[bool]


def plan_experiment(spec: BatterySimulationSpec, parameters: pybamm.ParameterValues) -> Plan:
    """Return the experiment of a spec.

    Raises:
        InvalidSpecError: names each step that PyBaMM does not understand, or that holds a voltage past a
            cut-off.
    """
    experiment = _of(spec)
    limits = {
        "discharge": parameters["Lower voltage cut-off [V]"] if spec.cut_off_policy.lower == "Stop" else None,
        "charge": parameters["Upper voltage cut-off [V]"] if spec.cut_off_policy.upper == "Stop" else None,
    }
    steps, must_begin, problems = [], [], []
    for number, text in enumerate(experiment.steps):
        try:
            step = pybamm.step.string(text)
            must_begin.append(
                not any(isinstance(end, pybamm.step.VoltageTermination) for end in step.termination)
            )
            steps.append(_limited(step, limits))
        except ValueError as error:
            field = f"spec.protocol.experiment.steps[{number}]"
            problems.append(Problem(FailureReason.INVALID_SPEC, field, f"{text!r}: {_first_lines(error)}"))
    if problems:
        raise InvalidSpecError(problems)
    return Plan(pybamm.Experiment([tuple(steps)] * experiment.cycles), must_begin)


def refuse_skipped(records: list[StepRecord], must_begin: list[bool]) -> None:
    """Refuse a run in which PyBaMM has left out a step because the voltage was past a cut-off from the start.

    Raises:
        InfeasibleError: names the cycle and the step.
    """
    for record in records:
        if record.ended_by == SKIPPED and must_begin[record.step - 1]:
            raise InfeasibleError(
                f"cycle {record.cycle}, step {record.step} ({record.instruction!r}) cannot begin, because "
                "the voltage is past a cut-off of the cell from its start: use a smaller current, another "
                "state of charge, or spec.cutOffPolicy"
            )


def output_times(solution: pybamm.Solution, period_seconds: float) -> NDArray[np.float64]:
    """Return points of time every so many seconds from the start of each step, and each step's end."""
    times: list[NDArray[np.float64]] = []
    for cycle in solution.cycles:
        for step in cycle.steps:
            if not isinstance(step, pybamm.EmptySolution):
                start, end = step.t[0], step.t[-1]
                times += [np.arange(start, end, period_seconds), np.array([end])]
    return np.unique(np.concatenate(times))


def step_records(solution: pybamm.Solution, spec: BatterySimulationSpec) -> list[StepRecord]:
    """Return how each step went."""
    return [
        StepRecord(
            cycle=cycle_number,
            step=step_number,
            instruction=text,
            end_time_seconds=float(np.atleast_1d(step.t)[-1]),
            ended_by=step.termination,
        )
        for cycle_number, cycle in enumerate(solution.cycles, 1)
        for step_number, (step, text) in enumerate(zip(cycle.steps, _of(spec).steps, strict=False), 1)
    ]


def _of(spec: BatterySimulationSpec) -> Experiment:
    assert spec.protocol.experiment is not None  # noqa: S101 - the caller has looked
    return spec.protocol.experiment


def _limited(step: pybamm.step.BaseStep, limits: dict[str, float | None]) -> pybamm.step.BaseStep:
    """Have a step end at the cell's cut-offs, too."""
    lower, upper = limits["discharge"], limits["charge"]
    if isinstance(step, pybamm.step.Voltage):
        if (lower is not None and step.value < lower) or (upper is not None and step.value > upper):
            raise ValueError(
                "this voltage is past a cut-off of the cell; change it, the cut-off or spec.cutOffPolicy"
            )
        return step
    limit = limits.get(step.direction)
    if limit is not None:
        operator = "<" if step.direction == "discharge" else ">"
        step.termination.append(pybamm.step.VoltageTermination(limit, operator))
    return step


def _first_lines(error: ValueError) -> str:
    """Return PyBaMM's complaint with its examples on one line."""
    return " ".join(str(error).split())[:400]
