"""What came out, for people and for programs."""

import json
from collections.abc import Iterable

from rich.table import Table

from batterysim_cli.outcome import Outcome

HEADINGS = ("", "capacity A.h", "energy W.h", "end V", "ended by", "at s", "import s", "solve s", "total s")
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
        return ("", "", "", reason)
    return (
        f"{summary.discharge_capacity_ampere_hours:.4f}",
        f"{summary.discharge_energy_watt_hours:.4f}",
        f"{summary.end_volts:.3f}",
        summary.end_reason,
        f"{summary.end_time_seconds:.1f}",
        f"{seconds.importing:.2f}",
        f"{seconds.solving:.2f}",
        f"{seconds.total:.2f}",
    )
