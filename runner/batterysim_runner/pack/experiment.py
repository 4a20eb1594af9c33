"""An experiment with a pack: what each step sets and looks at is at the pack's terminals."""

import pybamm

from batterysim.catalogue.nearest_names import nearest_names
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.pack import Pack
from batterysim.spec.protocols.experiment import Experiment
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.spec.steps.experiment import condition_fields
from batterysim.spec.steps.program import Program
from batterysim_runner.cell.endings import end_by_a_cell
from batterysim_runner.experiment.checkpointing import Checkpointer
from batterysim_runner.experiment.cycling import Cycling, do_cycles
from batterysim_runner.experiment.step_result import Further
from batterysim_runner.experiment.steps import plan_steps
from batterysim_runner.pack.parts import PackParts, pack_parts
from batterysim_runner.pack.run import limiting_cell
from batterysim_runner.pack.stepper import PackStepper
from batterysim_runner.report.measured import chooses_points, measured_times
from batterysim_runner.report.trace import Trace
from batterysim_runner.run_clock import RunClock


def solve_pack_experiment(
    spec: BatterySimulationSpec,
    pack: Pack,
    experiment: Experiment,
    parameters: pybamm.ParameterValues,
    run_clock: RunClock,
    checkpointer: Checkpointer | None = None,
    finer: tuple[str, ...] = (),
) -> Trace:
    """Do the steps of an experiment with a pack. See experiment.cycling.solve_experiment.

    parameters: of the cell that the pack is made of.

    Raises:
        InvalidSpecError: a step cannot be understood, or the pack has no such variable or parameter.
        InfeasibleError: a step cannot begin in the first cycle.
        SolverFailedError: a step cannot be solved.
    """
    steps = plan_steps(spec, experiment, parameters)
    parts = pack_parts(spec, pack, parameters)
    if problems := _variable_problems(experiment, parts):
        raise InvalidSpecError(problems)
    sequence = Program(experiment).sequence()
    stepper = PackStepper(spec, parts, steps, sequence, parameters)
    further = Further(measured_times(spec.output), not chooses_points(spec.output), finer)
    cycling = Cycling(steps, experiment, stepper, None, run_clock, parts.wanted, further)
    trace = do_cycles(cycling, experiment, checkpointer)
    return trace._replace(limiting_cell=_limiting_cell(trace, parts, cycling.last_end))


def _limiting_cell(trace: Trace, parts: PackParts, last_end: str | None) -> str | None:
    """Return the cell whose cut-off ended the last step; None: it was not that."""
    reason = None if last_end is None else end_by_a_cell(last_end)
    return None if reason is None else limiting_cell(trace.values, parts.names, reason)


def _variable_problems(experiment: Experiment, parts: PackParts) -> list[Problem]:
    known = parts.wanted.names
    wrong = [(field, name) for field, name in condition_fields(experiment) if name not in known]
    near = nearest_names([name for _, name in wrong], known)
    hints = {name: " or ".join(map(repr, near[name])) or "another one" for _, name in wrong}
    return [
        Problem(
            FailureReason.INVALID_SPEC,
            field,
            f"{name!r} is no column of the pack's result: use {hints[name]}",
        )
        for field, name in wrong
    ]
