"""The report of a run, for people and for programs."""

import json
from collections.abc import Iterable

from rich.table import Table

from batterysim.results import Summary
from batterysim_cli.local.outcome import Outcome

HEADINGS = (
    "",
    "net charge A.h",
    "net energy W.h",
    "end V",
    "SoC %",
    "max degC",
    "mOhm",
    "ended by",
    "at s",
    "solve s",
    "total s",
)
WORDS = ("", "ended by")


def summary_table(outcomes: Iterable[Outcome]) -> Table:
    """Return a row for each simulation."""
    table = Table(title="Battery simulations")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading in WORDS else "right")
    for outcome in outcomes:
        table.add_row(outcome.name, *_cells(outcome))
    return table


def as_json(outcomes: Iterable[Outcome]) -> str:
    """Return the outcomes as a JSON document."""
    return json.dumps({"simulations": [outcome.to_json_dict() for outcome in outcomes]}, indent=2)


def _cells(outcome: Outcome) -> tuple[str, ...]:
    summary, seconds = outcome.summary, outcome.seconds
    if summary is None or seconds is None:
        reason = "" if outcome.failure is None else outcome.failure.reason
        return ("", "", "", "", "", "", reason)
    return (
        _number(summary.discharge_capacity_ampere_hours, 4),
        _number(summary.discharge_energy_watt_hours, 4),
        _number(summary.end_volts, 3),
        _number(summary.end_state_of_charge, 1, 100),
        _number(summary.max_temperature_celsius, 1),
        _number(_resistance_ohms(summary), 2, 1000),
        f"{summary.end_reason} (partial)" if summary.partial else summary.end_reason,
        _number(summary.end_time_seconds, 1),
        f"{seconds.solving:.2f}",
        f"{seconds.total:.2f}",
    )


def _resistance_ohms(summary: Summary) -> float | None:
    """Return the internal resistance of a run; for an impedance, the one at its highest frequency."""
    return summary.internal_resistance_ohms or summary.high_frequency_resistance_ohms


def _number(value: float | None, digits: int, factor: float = 1) -> str:
    return "" if value is None else f"{factor * value:.{digits}f}"
