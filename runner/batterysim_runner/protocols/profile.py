"""A protocol that is known beforehand as a function of time: one current or power, a cycle, or a profile."""

from functools import cache, partial

import numpy as np
import pybamm

from batterysim.catalogue import parameter_names
from batterysim.catalogue.model_options import is_calendar_ageing
from batterysim.catalogue.prescription import Prescription
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.cell.limit_events import LOWER_EVENT, UPPER_EVENT
from batterysim_runner.continuation.final_state import FinalState
from batterysim_runner.continuation.states import final_state, start_from
from batterysim_runner.experiment.ageing import AgeingMeter
from batterysim_runner.model.equations import build_model, build_simulation
from batterysim_runner.model.variables import observables
from batterysim_runner.protocols.followed import followed
from batterysim_runner.protocols.grid import time_grid
from batterysim_runner.protocols.lookup import Lookup
from batterysim_runner.protocols.pieces import follow, integrand_of
from batterysim_runner.report.trace import Trace
from batterysim_runner.run_clock import RunClock

_FUNCTIONS = {
    "Current": parameter_names.CURRENT,
    "Power": "Power function [W]",
    "Voltage": "Voltage function [V]",
}
"""PyBaMM's parameter for what a protocol sets."""

ROUNDING_VOLTS = 1e-9

LONG_ROWS = 20_000
"""Up to here PyBaMM's own interpolant is quick enough, and the numbers are PyBaMM's to the last bit."""


def solve_profile(
    spec: BatterySimulationSpec,
    prescription: Prescription,
    parameters: pybamm.ParameterValues,
    run_clock: RunClock,
    start: FinalState | None = None,
) -> Trace:
    """Follow what is known beforehand: to its end, or for as long as there is time.

    start: the state of an earlier run to go on from.
    """
    grid = time_grid(prescription, spec.output)
    value = function_of_time(prescription, parameters[parameter_names.NOMINAL_CAPACITY])
    parameters.update({_FUNCTIONS[prescription.quantity]: value}, check_already_exists=False)
    model = build_model(spec, prescription.quantity.lower())
    if prescription.quantity == "Voltage":
        model.events = [_of_given_voltage(event, value) for event in model.events]
    simulation = build_simulation(spec, model, parameters)
    wanted = observables(spec, model)
    is_ageing = is_calendar_ageing(spec.model, is_rest=spec.protocol.given.is_rest)
    meter = AgeingMeter(simulation) if is_ageing else None
    if meter is not None:
        wanted = wanted._replace(names=(*wanted.names, *meter.needs))
    if not spec.output.variables:
        # Else PyBaMM keeps all states at each point, which of a long profile are gigabytes. It cannot do so
        # for variables of every name, but for the default ones (docs/decisions/025-long-profiles.md).
        simulation.solver.output_variables = list(wanted.names)
    if start is not None:
        simulation.build()
        start_from(start, simulation.built_model)
    course, grid = follow(simulation, grid, run_clock, wanted)
    integrand = integrand_of(simulation, grid, run_clock, wanted, course)
    values, end_reason, failure, vector = course
    trace = followed(prescription, grid, values, end_reason, wanted.columns)
    ageing = None if meter is None else (meter.at(values, 0), meter.at(values, -1))
    state_of = None
    if vector is not None:
        end = partial(final_state, spec, simulation.parameter_values, simulation.built_model, vector)
        state_of = cache(end)
    return trace._replace(failure=failure, ageing=ageing, state_of=state_of, integrand=integrand)


def _of_given_voltage(event: pybamm.Event, volts: float | pybamm.Symbol) -> pybamm.Event:
    """Return a cut-off that looks at the voltage that is set, and lets it stay exactly at the limit.

    The solver's voltage is off by its tolerance, so that a profile that holds the cell at its cut-off, as
    chargers do, would end at a moment that only the tolerance chooses.
    """
    if event.name == UPPER_EVENT:
        return pybamm.Event(
            event.name, pybamm.Parameter(parameter_names.UPPER_CUT_OFF) - volts + ROUNDING_VOLTS
        )
    if event.name == LOWER_EVENT:
        return pybamm.Event(
            event.name, volts - pybamm.Parameter(parameter_names.LOWER_CUT_OFF) + ROUNDING_VOLTS
        )
    return event


def function_of_time(prescription: Prescription, one_c_amperes: float) -> float | pybamm.Interpolant:
    """Return the quantity in A, W or V: a number, or linear between the table's points.

    one_c_amperes: the current of a C-rate of 1.
    """
    prescribed = prescription.in_amperes(one_c_amperes)
    table = prescribed.whole_table()
    if table is None:
        return prescribed.value
    times, values = np.array(table.times_seconds), np.array(table.values)
    if len(times) > LONG_ROWS:
        return Lookup(times, values)
    return pybamm.Interpolant(times, values, pybamm.t)
