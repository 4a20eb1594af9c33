"""From a spec to a solved model: the only place that talks to PyBaMM."""

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim.catalogue import drive_cycle
from batterysim.results import DEFAULT_COLUMNS, TIME, EndReason
from batterysim.spec import BatterySimulationSpec, Cell
from batterysim_runner.errors import InfeasibleError, SolverFailedError
from batterysim_runner.experiment import (
    Course,
    Report,
    output_times,
    plan_experiment,
    refuse_skipped,
    step_records,
)
from batterysim_runner.grid import time_grid
from batterysim_runner.trace import Trace

LOWER_EVENT = "Minimum voltage [V]"
UPPER_EVENT = "Maximum voltage [V]"
NOTHING_BEGAN = (
    "no step of a cycle could begin, because each one's end is reached before it begins: "
    "check spec.protocol.experiment.steps and spec.cell.initialStateOfCharge"
)
ZERO_CELSIUS_IN_KELVIN = 273.15


def solve(spec: BatterySimulationSpec, report: Report = lambda _: None) -> Trace:
    """Solve a spec with PyBaMM.

    report: is told how far the run is, in percent, where PyBaMM tells: between the steps of an experiment.

    Raises:
        InvalidSpecError: a step of the experiment cannot be understood.
        InfeasibleError: the voltage is past a cut-off at time 0.
        SolverFailedError: the equations could not be solved.
    """
    parameters = parameter_values(spec)
    try:
        if spec.protocol.experiment is not None:
            return _solve_experiment(spec, parameters, report)
        return _solve_profile(spec, parameters)
    except (pybamm.SolverError, pybamm.ModelError, ArithmeticError) as error:
        raise _explain(error, parameters) from error


def _solve_profile(spec: BatterySimulationSpec, parameters: pybamm.ParameterValues) -> Trace:
    """Follow a current that is known beforehand."""
    grid = time_grid(spec)
    parameters.update({"Current function [A]": _current(spec)}, strict=True)
    simulation = pybamm.Simulation(_model(spec), parameter_values=parameters)
    _set_tolerances(simulation, spec)
    solution = simulation.solve(
        grid.knots, t_interp=grid.integration, initial_soc=spec.cell.initial_state_of_charge
    )
    series = _series(solution)
    in_output = np.isin(series[TIME.name], grid.output)
    in_output[-1] = True  # a cut-off is a point of its own, the last
    return Trace(series, in_output, _end_reason(solution.termination))


def _solve_experiment(
    spec: BatterySimulationSpec, parameters: pybamm.ParameterValues, report: Report
) -> Trace:
    """Do the steps of an experiment."""
    plan = plan_experiment(spec, parameters)
    course = Course(len(plan.must_begin), len(plan.experiment.cycles), report)
    simulation = pybamm.Simulation(_model(spec), parameter_values=parameters, experiment=plan.experiment)
    _set_tolerances(simulation, spec)
    solution = simulation.solve(
        initial_soc=spec.cell.initial_state_of_charge, callbacks=[course], calc_esoh=False
    )
    if course.error is not None:
        place, error = course.error
        raise SolverFailedError(f"{place}: {_explain(error, parameters)}")
    if solution is None or isinstance(solution, pybamm.EmptySolution):
        raise InfeasibleError(NOTHING_BEGAN)
    records = step_records(solution, spec)
    refuse_skipped(records, plan.must_begin)
    # On the solver's own points, however few the result has, so that the summary does not depend on those.
    output = solution.t
    if spec.output.period_seconds is not None:
        output = output_times(solution, spec.output.period_seconds)
    series = _series(solution, np.union1d(solution.t, output))
    return Trace(series, np.isin(series[TIME.name], output), course.end_reason, records)


def _set_tolerances(simulation: pybamm.Simulation, spec: BatterySimulationSpec) -> None:
    simulation.solver.rtol = spec.solver.relative_tolerance
    simulation.solver.atol = spec.solver.absolute_tolerance


def parameter_values(spec: BatterySimulationSpec) -> pybamm.ParameterValues:
    """Return PyBaMM's parameter values for a spec: the set, its overrides, then the fields of the spec."""
    values = pybamm.ParameterValues(spec.cell.parameter_set)
    # strict, because PyBaMM takes unknown names silently otherwise
    values.update({**spec.cell.parameters, **_cell_parameters(spec.cell)}, strict=True)
    return values


def _cell_parameters(cell: Cell) -> dict[str, float]:
    kelvin = (
        None
        if cell.ambient_temperature_celsius is None
        else cell.ambient_temperature_celsius + ZERO_CELSIUS_IN_KELVIN
    )
    given = {
        "Upper voltage cut-off [V]": cell.upper_cutoff_volts,
        "Lower voltage cut-off [V]": cell.lower_cutoff_volts,
        "Nominal cell capacity [A.h]": cell.nominal_capacity_ampere_hours,
        "Ambient temperature [K]": kelvin,
        "Initial temperature [K]": kelvin,
    }
    return {name: value for name, value in given.items() if value is not None}


def _current(spec: BatterySimulationSpec) -> float | pybamm.Interpolant:
    if spec.protocol.drive_cycle is not None:
        profile = drive_cycle(spec.protocol.drive_cycle.name)
        return pybamm.Interpolant(
            np.array(profile.times_seconds), np.array(profile.currents_amperes), pybamm.t
        )
    assert spec.protocol.constant_current is not None  # noqa: S101 - held by the spec's validation
    return spec.protocol.constant_current.current_amperes


def _model(spec: BatterySimulationSpec) -> pybamm.BaseModel:
    model = getattr(pybamm.lithium_ion, spec.model.family)()
    ignored = {
        event
        for event, action in (
            (LOWER_EVENT, spec.cut_off_policy.lower),
            (UPPER_EVENT, spec.cut_off_policy.upper),
        )
        if action == "Ignore"
    }
    model.events = [event for event in model.events if event.name not in ignored]
    return model


def _explain(error: Exception, parameters: pybamm.ParameterValues) -> InfeasibleError | SolverFailedError:
    text = str(error)
    if "are infeasible due to exceeded bounds" in text or "is infeasible due to exceeded bounds" in text:
        return InfeasibleError(NOTHING_BEGAN)
    for event, side, past in ((LOWER_EVENT, "Lower", "at or below"), (UPPER_EVENT, "Upper", "at or above")):
        if event in text and "non-positive at initial conditions" in text:
            limit = parameters[f"{side} voltage cut-off [V]"]
            return InfeasibleError(
                f"at time 0 the voltage is {past} the {side.lower()} cut-off of {limit:g} V, so the protocol "
                f"cannot start: use a smaller current, another spec.cell.initialStateOfCharge, or "
                f"spec.cutOffPolicy.{side.lower()}: Ignore"
            )
    return SolverFailedError(
        f"PyBaMM could not solve the model ({text.splitlines()[0] if text else type(error).__name__}): "
        "check spec.cell.parameters and the size of the current, or let the cut-offs stop the run"
    )


def _series(
    solution: pybamm.Solution, times: NDArray[np.float64] | None = None
) -> dict[str, NDArray[np.float64]]:
    """Return all columns at the solution's own points, or at others by the solver's interpolation."""
    return {
        column.name: np.asarray(
            solution[column.name].entries if times is None else solution[column.name](times), dtype=np.float64
        )
        for column in DEFAULT_COLUMNS
    }


def _end_reason(termination: str) -> EndReason:
    reasons = {
        "final time": EndReason.DURATION_REACHED,
        f"event: {LOWER_EVENT}": EndReason.LOWER_CUT_OFF,
        f"event: {UPPER_EVENT}": EndReason.UPPER_CUT_OFF,
    }
    if termination not in reasons:
        raise SolverFailedError(
            f"the model reached a limit of its own ({termination}): use a smaller current"
        )
    return reasons[termination]
