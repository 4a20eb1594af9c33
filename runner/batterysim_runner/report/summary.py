"""A solved run in a few numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterysim.cycle_record import remaining_capacity, state_of_health
from batterysim.failure import shorten
from batterysim.results import (
    CELL_TEMPERATURE,
    FREQUENCY,
    POWER,
    REAL_IMPEDANCE,
    STATE_OF_CHARGE,
    TIME,
    VOLTAGE,
    EndReason,
    Summary,
)
from batterysim_runner.report.cell_columns import MAX_CELL_TEMPERATURE
from batterysim_runner.report.comparison import Comparison
from batterysim_runner.report.summing import sums_of
from batterysim_runner.report.sums import Sums
from batterysim_runner.report.trace import C_RATE, SECONDS_PER_HOUR, Trace

ERROR_UNITS = {"Voltage": "volts", "Current": "amperes", "Power": "watts", "Temperature": "kelvins"}
"""The ends of the summary's fields for errors, by the measured quantity."""

PARTIAL = (
    EndReason.INFEASIBLE_STEP,
    EndReason.MODEL_LIMIT,
    EndReason.WALL_CLOCK_LIMIT,
    EndReason.SOLVER_FAILED,
)


def summarise(trace: Trace) -> Summary:
    """Return the run in a few numbers."""
    if FREQUENCY.name in trace.values:
        return _of_impedance(trace)
    values, sums = trace.values, trace.sums or _sums(trace)
    voltage = values[VOLTAGE.name]
    temperature = values.get(MAX_CELL_TEMPERATURE.name, values.get(CELL_TEMPERATURE.name))
    charge_state = values.get(STATE_OF_CHARGE.name)
    return Summary(
        end_reason=trace.end_reason,
        partial=trace.end_reason in PARTIAL,
        failure_message=None if trace.failure is None else shorten(trace.failure),
        limiting_cell=trace.limiting_cell,
        end_time_seconds=float(values[TIME.name][-1]),
        discharge_capacity_ampere_hours=sums.discharged_ampere_hours - sums.charged_ampere_hours,
        discharge_energy_watt_hours=sums.discharged_watt_hours - sums.charged_watt_hours,
        discharged_ampere_hours=sums.discharged_ampere_hours,
        charged_ampere_hours=sums.charged_ampere_hours,
        discharged_watt_hours=sums.discharged_watt_hours,
        charged_watt_hours=sums.charged_watt_hours,
        start_volts=float(voltage[0]),
        end_volts=float(voltage[-1]),
        min_volts=float(voltage.min()),
        mean_volts=sums.mean_volts,
        max_volts=float(voltage.max()),
        mean_power_watts=sums.mean_watts,
        max_power_watts=float(abs(values[POWER.name]).max()),
        max_c_rate=_highest_magnitude(values.get(C_RATE)),
        internal_resistance_ohms=sums.internal_resistance_ohms,
        max_temperature_celsius=None if temperature is None else float(temperature.max()),
        heat_watt_hours=None if sums.heat is None else sums.heat / SECONDS_PER_HOUR,
        start_state_of_charge=None if charge_state is None else float(charge_state[0]),
        end_state_of_charge=None if charge_state is None else float(charge_state[-1]),
        state_of_health=_state_of_health(trace),
        loss_of_lithium_inventory_percent=_lithium_lost(trace),
        **_errors(trace.comparisons),
    )


def _sums(trace: Trace) -> Sums:
    integrated, halves = trace.integrand or (trace.values, trace.halves)
    return sums_of(integrated, halves, by_state=not trace.current_is_given)


def _errors(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """Return what the summary says about measured data."""
    if not comparisons:
        return {}
    errors: dict[str, Any] = {"comparison": ". ".join(comparison.words for comparison in comparisons)}
    for comparison in comparisons:
        unit = ERROR_UNITS[comparison.quantity]
        errors |= {f"rms_error_{unit}": comparison.rms_error, f"max_error_{unit}": comparison.max_error}
    return errors


def _of_impedance(trace: Trace) -> Summary:
    frequency, real = trace.values[FREQUENCY.name], trace.values[REAL_IMPEDANCE.name]
    return Summary(
        end_reason=trace.end_reason,
        high_frequency_resistance_ohms=float(real[frequency.argmax()]),
        low_frequency_resistance_ohms=float(real[frequency.argmin()]),
    )


def _state_of_health(trace: Trace) -> float | None:
    if trace.ageing is None:
        return state_of_health(trace.cycles or [])
    return remaining_capacity(*trace.ageing)


def _lithium_lost(trace: Trace) -> float | None:
    last = trace.ageing[-1] if trace.ageing is not None else None
    return None if last is None else last.loss_of_lithium_inventory_percent


def _highest_magnitude(column: NDArray[np.float64] | None) -> float | None:
    return None if column is None else float(abs(column).max())
