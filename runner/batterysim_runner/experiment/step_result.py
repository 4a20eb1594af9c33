"""What the result is to have of a step: its points, and its record."""

from typing import NamedTuple

import numpy as np
import pybamm
from numpy.typing import NDArray

from batterysim.results import VOLTAGE, StepRecord
from batterysim.spec.steps.program import Place
from batterysim_runner.experiment.clipped_step import ClippedStep
from batterysim_runner.experiment.integrand import integrand_of
from batterysim_runner.experiment.recording import Points, exchanged
from batterysim_runner.experiment.stepper import Done, State
from batterysim_runner.experiment.steps import PlannedStep
from batterysim_runner.model.series import Observables
from batterysim_runner.report.summing import sums_of

Numbers = NDArray[np.float64]


class Further(NamedTuple):
    """Points and columns that are read in addition to the points of the solver and of the result's period.

    seconds: points of time, those of measured data. in_output: whether the result has them, too.
    finer: columns that are kept at the points of the integrals as well.
    """

    seconds: Numbers
    in_output: bool
    finer: tuple[str, ...] = ()


def points_of(
    solution: pybamm.Solution, planned: PlannedStep, further: Further, wanted: Observables
) -> Points:
    """Return a step's points: the solver's own, and those that the result is to have.

    The solver's own are kept also where the result has few, so that the summary does not depend on those.
    """
    start, end = solution.t[0], solution.t[-1]
    data = further.seconds[(further.seconds >= start) & (further.seconds <= end)]
    output, period_seconds = solution.t, planned.period_seconds
    if period_seconds is not None:
        inner = np.arange(start, end, period_seconds)
        output = np.append(inner[end - inner > 1e-9 * end], end)
    if further.in_output:
        output = np.union1d(output, data)
    times = np.union1d(np.union1d(solution.t, output), data)
    more = None if len(times) == len(solution.t) else times
    integrand = integrand_of(solution, wanted, further.finer)
    sums = sums_of(*integrand, by_state=not planned.current_is_given)
    finer = integrand.only(further.finer) if further.finer else None
    return Points(wanted.of(solution, more), np.isin(times, output), sums, finer)


def step_record(
    cycle: int, place: Place, planned: PlannedStep, done: Done, points: Points | None
) -> StepRecord:
    """Return the record of a step; without points, none of their numbers."""
    record = StepRecord(
        cycle=cycle,
        step=place.step + 1,
        instruction=planned.text,
        block=place.block,
        repetition=place.repetition,
        end_time_seconds=time_seconds(done.state),
        ended_by=done.ended_by,
    )
    if points is None:
        return record
    volts = points.values[VOLTAGE.name]
    measured = {**exchanged(points.sums), "begin_volts": float(volts[0]), "end_volts": float(volts[-1])}
    if isinstance(planned.step, ClippedStep):
        measured["reduced_seconds"] = planned.step.reduced_seconds(points.values)
    return record.model_copy(update=measured)


def time_seconds(state: State | None) -> float:
    """Return when a state is; 0 at the start."""
    return 0.0 if state is None else state.time_seconds
