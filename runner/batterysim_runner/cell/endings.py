"""What ends a run, or keeps it from starting, in words: by the names of the events, without PyBaMM."""

from collections.abc import Mapping
from typing import Any

from batterysim.results import CELL_TEMPERATURE, STATE_OF_CHARGE, TIME, VOLTAGE, EndReason
from batterysim_runner.cell.limit_events import LOWER_EVENT, OF_A_CELL, UPPER_EVENT
from batterysim_runner.errors import InfeasibleError

FINAL_TIME = "final time"
"""PyBaMM's word for a solve that came to its end."""

NO_STEP = "IDA_BAD_K"
"""SUNDIALS' error where a slope is read before there was a step."""

Series = Mapping[str, Any]
"""Columns by their names, as lists or arrays."""

TABLE_TOLERANCE = 1e-10
"""What rounding may do to a cell that is exactly at the end of a table. PyBaMM's own."""

_TOLD = (
    (TIME, 1.0, "{:.6g} s"),
    (VOLTAGE, 1.0, "{:.4g} V"),
    (STATE_OF_CHARGE, 100.0, "a state of charge of {:.3g} %"),
    (CELL_TEMPERATURE, 1.0, "{:.3g} °C"),
)

_ENDS = {
    FINAL_TIME: EndReason.DURATION_REACHED,
    f"event: {LOWER_EVENT}": EndReason.LOWER_CUT_OFF,
    f"event: {UPPER_EVENT}": EndReason.UPPER_CUT_OFF,
    "event: Minimum SoC": EndReason.EMPTY,
    "event: Maximum SoC": EndReason.FULL,
    "event: Minimum surface SoC": EndReason.EMPTY,
    "event: Maximum surface SoC": EndReason.FULL,
}


def end_reason(termination: str) -> EndReason:
    """Return what ended a solution.

    >>> end_reason("event: Minimum voltage [V]").value
    'LowerCutOff'
    >>> end_reason("event: Zero negative electrode porosity cut-off").value
    'ModelLimit'
    """
    return _ENDS.get(termination, EndReason.MODEL_LIMIT)


def end_by_a_cell(ended_by: str) -> EndReason | None:
    """Return the reason where a cell of a pack was at its cut-off; None: that was not what ended a step.

    >>> end_by_a_cell("event: Maximum voltage [V] of a cell [experiment]").value
    'UpperCutOff'
    """
    name, of_a_cell, _ = ended_by.partition(OF_A_CELL)
    return end_reason(name) if of_a_cell else None


def at_start(events: str, lower_volts: float, upper_volts: float) -> InfeasibleError:
    """Return the error of a run that is past a limit at time 0.

    events: the names of the limits. lower_volts, upper_volts: the cell's cut-offs.
    """
    sides = (
        (LOWER_EVENT, "lower", "at or below", lower_volts, "a smaller discharging or a larger charging"),
        (UPPER_EVENT, "upper", "at or above", upper_volts, "a smaller charging or a larger discharging"),
    )
    for event, side, past, limit, current in sides:
        if event in events:
            return InfeasibleError(
                f"at time 0 the voltage is {past} the {side} cut-off of {limit:g} V, so the protocol "
                f"cannot start: use {current} current, another spec.cell.initialStateOfCharge, or "
                f"spec.cutOffPolicy.{side}: Ignore"
            )
    return InfeasibleError(
        f"at time 0 the cell is at a limit of its model ({events}), so the protocol cannot start: check "
        "spec.cell.initialStateOfCharge, spec.cell.parameters and the current's sign"
    )


def unsolvable(first_line: str) -> str:
    """Say that the equations could not be solved, why in the solver's words, and what to change.

    >>> unsolvable("input set 0: IDAGetDky: IDA_BAD_K").partition("): ")[0]
    'PyBaMM could not make a first step (input set 0: IDAGetDky: IDA_BAD_K'
    """
    if NO_STEP in first_line:
        return (
            f"PyBaMM could not make a first step ({first_line}): use a smaller current, a warmer cell "
            "(spec.cell.ambientTemperatureCelsius) or another spec.cell.initialStateOfCharge, at least 0.01 "
            "for an MSMR cell, or check spec.cell.parameters"
        )
    return (
        f"PyBaMM could not solve the model ({first_line}): "
        "check spec.cell.parameters and the size of the current, or let the cut-offs stop the run"
    )


def reached(series: Series) -> str:
    """Say where a run has come to, by the last of its points: time, voltage, state of charge, temperature.

    >>> reached({"Time [s]": [0.0, 60.0], "Voltage [V]": [4.1, 4.0], "State of charge": [0.9, 0.875]})
    'It had come to 60 s, 4 V and a state of charge of 87.5 %.'
    """
    told = [
        text.format(factor * float(series[column.name][-1]))
        for column, factor, text in _TOLD
        if column.name in series
    ]
    return f"It had come to {', '.join(told[:-1])} and {told[-1]}."


def left_tables(names: list[str]) -> str:
    """Say which tables a run left, and what to change."""
    return (
        f"the run left the cell's tables ({', '.join(names)}), beyond which nothing was measured: "
        "check spec.cell.ambientTemperatureCelsius and the size of the current, or use another cell"
    )
