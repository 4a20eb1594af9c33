"""A solved run in a few numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterysim.cycle_record import remaining_capacity, state_of_health
from batterysim.failure import shorten
from batterysim.results import (
    CELL_TEMPERATURE,
    CURRENT,
    FREQUENCY,
    OPEN_CIRCUIT_VOLTAGE,
    POWER,
    REAL_IMPEDANCE,
    STATE_OF_CHARGE,
    TIME,
    VOLTAGE,
    Column,
    EndReason,
    Summary,
)
from batterysim_runner.report.cell_columns import MAX_CELL_TEMPERATURE
from batterysim_runner.report.comparison import Comparison
from batterysim_runner.report.integrals import Pieces
from batterysim_runner.report.trace import (
    C_RATE,
    HEATING,
    SECONDS_PER_HOUR,
    Series,
    Trace,
    charge_and_energy,
)
from batterysim_runner.report.turns import split_where_current_turns

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
    integrated, halves = split_where_current_turns(*(trace.integrand or (trace.values, trace.halves)))
    values = trace.values
    pieces = Pieces(integrated[TIME.name], halves)
    charge, energy = charge_and_energy(integrated, by_state=not trace.current_is_given, pieces=pieces)
    voltage = values[VOLTAGE.name]
    temperature = values.get(MAX_CELL_TEMPERATURE.name, values.get(CELL_TEMPERATURE.name))
    charge_state = values.get(STATE_OF_CHARGE.name)
    return Summary(
        end_reason=trace.end_reason,
        partial=trace.end_reason in PARTIAL,
        failure_message=None if trace.failure is None else shorten(trace.failure),
        limiting_cell=trace.limiting_cell,
        end_time_seconds=float(values[TIME.name][-1]),
        discharge_capacity_ampere_hours=float(charge.sum()),
        discharge_energy_watt_hours=float(energy.sum()),
        discharged_ampere_hours=float(charge[charge > 0].sum()),
        charged_ampere_hours=float(abs(charge[charge < 0].sum())),
        discharged_watt_hours=float(energy[energy > 0].sum()),
        charged_watt_hours=float(abs(energy[energy < 0].sum())),
        start_volts=float(voltage[0]),
        end_volts=float(voltage[-1]),
        min_volts=float(voltage.min()),
        mean_volts=_mean(integrated, VOLTAGE, pieces),
        max_volts=float(voltage.max()),
        mean_power_watts=_mean(integrated, POWER, pieces),
        max_power_watts=float(abs(values[POWER.name]).max()),
        max_c_rate=_highest_magnitude(values.get(C_RATE)),
        internal_resistance_ohms=_internal_resistance(integrated, pieces),
        max_temperature_celsius=None if temperature is None else float(temperature.max()),
        heat_watt_hours=_heat(integrated, pieces),
        start_state_of_charge=None if charge_state is None else float(charge_state[0]),
        end_state_of_charge=None if charge_state is None else float(charge_state[-1]),
        state_of_health=_state_of_health(trace),
        loss_of_lithium_inventory_percent=_lithium_lost(trace),
        **_errors(trace.comparisons),
    )


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


def _internal_resistance(values: Series, pieces: Pieces) -> float | None:
    """Return the resistance that loses the energy that the voltage lacks against its open-circuit value."""
    if OPEN_CIRCUIT_VOLTAGE.name not in values:
        return None
    current = values[CURRENT.name]
    lost = values[OPEN_CIRCUIT_VOLTAGE.name] - values[VOLTAGE.name]
    squared = pieces.of_product(current, current).sum()
    return float(pieces.of_product(lost, current).sum() / squared) if squared > 0 else None


def _state_of_health(trace: Trace) -> float | None:
    if trace.ageing is None:
        return state_of_health(trace.cycles or [])
    return remaining_capacity(*trace.ageing)


def _lithium_lost(trace: Trace) -> float | None:
    last = trace.ageing[-1] if trace.ageing is not None else None
    return None if last is None else last.loss_of_lithium_inventory_percent


def _mean(values: Series, column: Column, pieces: Pieces) -> float | None:
    times = values[TIME.name]
    duration = times[-1] - times[0]
    return float(pieces.of(values[column.name]).sum() / duration) if duration > 0 else None


def _highest_magnitude(column: NDArray[np.float64] | None) -> float | None:
    return None if column is None else float(abs(column).max())


def _heat(values: Series, pieces: Pieces) -> float | None:
    heating = values.get(HEATING)
    return None if heating is None else float(pieces.of(heating).sum()) / SECONDS_PER_HOUR
