"""From a spec to a solved run."""

import time
from functools import partial
from typing import assert_never

import pybamm

from batterysim.catalogue.prescription import prescription
from batterysim.continuation.likeness import refusal
from batterysim.spec.protocols.drive_cycle import DriveCycle
from batterysim.spec.protocols.experiment import Experiment
from batterysim.spec.protocols.profile import Profile
from batterysim.spec.protocols.protocol import (
    Cccv,
    ConstantCurrent,
    ConstantPower,
    ConstantVoltage,
    Impedance,
    Rest,
)
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.parameters import parameter_values
from batterysim_runner.continuation.final_state import FinalState
from batterysim_runner.experiment.checkpointing import Checkpointer
from batterysim_runner.experiment.cycling import solve_experiment
from batterysim_runner.protocols.hold import solve_cccv, solve_constant_voltage
from batterysim_runner.protocols.impedance import solve_impedance
from batterysim_runner.protocols.profile import solve_profile
from batterysim_runner.report.explanation import explain, explain_heat_of_mixing, explain_missing
from batterysim_runner.report.trace import PartlySolvedError, Trace
from batterysim_runner.run_clock import Clock, Keep, Report, RunClock


def solve(
    spec: BatterySimulationSpec,
    report: Report = lambda _: None,
    clock: Clock = time.monotonic,
    checkpointer: Checkpointer | None = None,
    keep: Keep = lambda: False,
    start: FinalState | None = None,
    finer: tuple[str, ...] = (),
) -> Trace:
    """Solve a spec with PyBaMM.

    report: is told how far the run is, where that can be known: between the steps of an experiment, and
        between the pieces of a run whose time is limited.
    checkpointer: saves an experiment between its cycles.
    keep: see run_clock.RunClock.
    start: the state of the earlier run that the spec goes on from.
    finer: columns that the integrand of an experiment's trace is to have; other protocols have all there.

    Raises:
        InvalidSpecError: the model does not take the spec, or a step of the experiment cannot be understood.
        InfeasibleError: the voltage is past a cut-off at time 0.
        PartlySolvedError: the equations could not be solved to the end; it has the run until then.
        SolverFailedError: the equations could not be solved at all.
    """
    run_clock = RunClock(report, clock, spec.solver.wall_clock_limit_seconds, keep)
    parameters = parameter_values(spec)
    if start is not None:
        if unknown := sorted(start.parameters.keys() - parameters.keys()):
            raise refusal(f"the cell has no {', '.join(unknown)}")
        parameters.update(start.parameters)
    elif spec.cell.initial_state is not None:
        raise refusal("the earlier result is not at hand here")
    try:
        trace = _solve(spec, parameters, run_clock, checkpointer, start, finer)
    except (pybamm.SolverError, pybamm.ModelError, ArithmeticError) as error:
        raise explain(error, parameters) from error
    except KeyError as error:
        if (explained := explain_missing(error, spec)) is None:
            raise
        raise explained from error
    except RuntimeError as error:
        if (explained := explain_heat_of_mixing(error, spec)) is None:
            raise
        raise explained from error
    if trace.failure is not None:
        raise PartlySolvedError(trace._replace(began_from=start))
    return trace._replace(began_from=start)


def _solve(
    spec: BatterySimulationSpec,
    parameters: pybamm.ParameterValues,
    run_clock: RunClock,
    checkpointer: Checkpointer | None,
    start: FinalState | None,
    finer: tuple[str, ...],
) -> Trace:
    solve_steps = partial(_solve_steps, start=start, finer=finer)
    match given := spec.protocol.given:
        case Experiment() as experiment:
            return solve_steps(spec, experiment, parameters, run_clock, checkpointer)
        case Cccv() as cccv:
            return solve_cccv(spec, cccv, parameters, run_clock, solve_steps)
        case ConstantVoltage() as hold:
            return solve_constant_voltage(spec, hold, parameters, run_clock, solve_steps)
        case Impedance() as impedance:
            return solve_impedance(spec, impedance.frequency_range, parameters)
        case ConstantCurrent() | ConstantPower() | Rest() | DriveCycle() | Profile():
            return _solve_prescribed(spec, parameters, run_clock, start)
        case _:
            assert_never(given)


def _solve_steps(
    spec: BatterySimulationSpec,
    experiment: Experiment,
    parameters: pybamm.ParameterValues,
    run_clock: RunClock,
    checkpointer: Checkpointer | None = None,
    start: FinalState | None = None,
    finer: tuple[str, ...] = (),
) -> Trace:
    if spec.pack is None:
        return solve_experiment(spec, experiment, parameters, run_clock, checkpointer, start, finer)
    from batterysim_runner.pack.experiment import solve_pack_experiment  # noqa: PLC0415 - as below

    return solve_pack_experiment(spec, spec.pack, experiment, parameters, run_clock, checkpointer, finer)


def _solve_prescribed(
    spec: BatterySimulationSpec,
    parameters: pybamm.ParameterValues,
    run_clock: RunClock,
    start: FinalState | None,
) -> Trace:
    prescribed = prescription(spec.protocol)
    assert prescribed is not None  # noqa: S101 - references are resolved before
    if spec.pack is not None:
        from batterysim_runner.pack.run import solve_pack  # noqa: PLC0415 - most runs are of one cell

        return solve_pack(spec, spec.pack, prescribed, parameters, run_clock)
    return solve_profile(spec, prescribed, parameters, run_clock, start)
