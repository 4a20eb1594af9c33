"""Protocols whose end is an outcome: a voltage that is held, and a charge that ends by holding one."""

from collections.abc import Callable, Sequence

import pybamm

from batterysim.catalogue import parameter_names
from batterysim.problem import InvalidSpecError
from batterysim.results import CURRENT, EndReason
from batterysim.spec.protocols.experiment import Experiment, Step
from batterysim.spec.protocols.protocol import Cccv, ConstantVoltage
from batterysim.spec.simulation import DEFAULT_POINTS, BatterySimulationSpec, Output
from batterysim_runner.cell.endings import FINAL_TIME, end_by_a_cell, end_reason
from batterysim_runner.errors import InfeasibleError
from batterysim_runner.experiment.cycling import solve_experiment
from batterysim_runner.experiment.stepper import SKIPPED
from batterysim_runner.report.explanation import NOTHING_BEGAN
from batterysim_runner.report.trace import Trace
from batterysim_runner.run_clock import RunClock

CUT_OFF_C_RATE = 1 / 20
MAX_STEP_SECONDS = 7 * 24 * 3600.0
"""A charge that is not over after a week at a time will never be."""

SolveSteps = Callable[[BatterySimulationSpec, Experiment, pybamm.ParameterValues, RunClock], Trace]
"""Does the steps of an experiment: with a cell, or with a pack."""

CONSTANT_VOLTAGE = "spec.protocol.constantVoltage"
CCCV = "spec.protocol.cccv"


def solve_constant_voltage(
    spec: BatterySimulationSpec,
    hold: ConstantVoltage,
    parameters: pybamm.ParameterValues,
    run_clock: RunClock,
    solve_steps: SolveSteps = solve_experiment,
) -> Trace:
    """Hold a voltage for a time, or until the current is small.

    Raises:
        InvalidSpecError: the voltage is past a cut-off.
        InfeasibleError: the current is small from the start.
        SolverFailedError: the equations could not be solved.
    """
    step = Step(
        volts=hold.volts,
        duration_seconds=hold.duration_seconds,
        until_amperes=hold.cut_off_amperes,
        period_seconds=_period(spec.output, hold.duration_seconds),
    )
    return _do(spec, [step], CONSTANT_VOLTAGE, parameters, run_clock, solve_steps)


def solve_cccv(
    spec: BatterySimulationSpec,
    cccv: Cccv,
    parameters: pybamm.ParameterValues,
    run_clock: RunClock,
    solve_steps: SolveSteps = solve_experiment,
) -> Trace:
    """Charge at a constant current to a voltage, then hold that until the current is small.

    Raises:
        InvalidSpecError: the voltage is past a cut-off.
        InfeasibleError: the cell is charged already, or never will be.
        SolverFailedError: the equations could not be solved.
    """
    series, parallel = (1, 1) if spec.pack is None else (spec.pack.series_count, spec.pack.parallel_count)
    capacity: float = parameters[parameter_names.NOMINAL_CAPACITY] * parallel
    volts: float = cccv.volts or parameters[parameter_names.UPPER_CUT_OFF] * series
    amperes = cccv.charge_current_amperes or (cccv.charge_c_rate or 0.0) * capacity
    cut_off = cccv.cut_off_amperes or CUT_OFF_C_RATE * capacity
    steps = [
        Step(current_amperes=-amperes, duration_seconds=MAX_STEP_SECONDS, until_volts=volts),
        Step(volts=volts, duration_seconds=MAX_STEP_SECONDS, until_amperes=cut_off),
    ]
    trace = _do(spec, steps, CCCV, parameters, run_clock, solve_steps)
    if trace.failure is not None:
        return trace
    if trace.values[CURRENT.name].max() > cut_off:
        raise InfeasibleError(
            f"{CCCV}.volts: the cell is above {volts:g} V at the start, so that holding this discharges it: "
            "choose a higher voltage, or a lower state in spec.cell"
        )
    for record in trace.steps or []:
        if record.ended_by == FINAL_TIME:
            raise InfeasibleError(
                f"{CCCV}: {record.instruction!r} has not ended after a week: choose a larger current "
                "or cutOffAmperes, or another voltage"
            )
    return trace


def _period(output: Output, duration: float) -> float | None:
    """Return the interval between a step's points for a number of points; None: the output says another."""
    if output.solver_points or output.period_seconds is not None:
        return None
    return duration / ((output.points or DEFAULT_POINTS) - 1)


def _do(
    spec: BatterySimulationSpec,
    steps: Sequence[Step],
    field: str,
    parameters: pybamm.ParameterValues,
    run_clock: RunClock,
    solve_steps: SolveSteps,
) -> Trace:
    """Do the steps, and tell how they went in the words of this protocol, not of an experiment."""
    try:
        trace = solve_steps(spec, Experiment(structured_steps=list(steps)), parameters, run_clock)
    except InvalidSpecError as error:
        raise InvalidSpecError(
            [
                problem._replace(field=f"{field}.volts") if ".experiment." in problem.field else problem
                for problem in error.problems
            ]
        ) from error
    except InfeasibleError as error:
        if str(error) != NOTHING_BEGAN:
            raise
        raise InfeasibleError(
            f"{field}: the current at this voltage is below cutOffAmperes from the start: there is nothing "
            "to do: choose a smaller cutOffAmperes, another voltage, or another state in spec.cell"
        ) from error
    return trace._replace(end_reason=_end_reason(trace))


def _end_reason(trace: Trace) -> EndReason:
    """Return the reason in the words of a protocol, which knows no steps."""
    done = [record.ended_by for record in trace.steps or [] if record.ended_by != SKIPPED]
    ended_by = done[-1] if done else FINAL_TIME
    if (by_a_cell := end_by_a_cell(ended_by)) is not None:
        return by_a_cell
    if trace.end_reason is EndReason.INFEASIBLE_STEP:
        return end_reason(ended_by)
    if trace.end_reason is EndReason.STEPS_FINISHED:
        return EndReason.DURATION_REACHED if ended_by == FINAL_TIME else EndReason.CURRENT_CUT_OFF
    return trace.end_reason
