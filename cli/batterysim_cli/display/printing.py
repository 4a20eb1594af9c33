"""Simulations as a table, as names, as JSON or as YAML, as kubectl prints them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from rich.table import Table

from batterysim.checks.strict_yaml import as_yaml
from batterysim_cli.display.console import CONTROLS
from batterysim_cli.display.quantity import number
from batterysim_client import Simulation, Sweep

HEADINGS = ("NAME", "PHASE", "PROTOCOL", "PERCENT", "REASON", "NET CHARGE A.H", "AGE")
NUMBERS = ("PERCENT", "NET CHARGE A.H")
# JSON escapes the others itself.
_ESCAPED = {code: f"\\u{code:04x}" for code in CONTROLS if code >= 0x7F}
_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))


class OutputFormat(StrEnum):
    """How to print simulations."""

    TABLE = "table"
    NAME = "name"
    JSON = "json"
    YAML = "yaml"


DOCUMENTS = frozenset({OutputFormat.JSON, OutputFormat.YAML})
"""What programs read: one document, however much there is."""


def document_of(found: Sequence[Simulation | Sweep], *, as_list: bool) -> dict[str, Any]:
    """Return the object, or a List of the objects."""
    items = [dict(item.manifest) for item in found]
    return {"apiVersion": "v1", "kind": "List", "items": items} if as_list else items[0]


def as_text(document: dict[str, Any], wanted: OutputFormat) -> str:
    """Return a document as JSON or YAML."""
    if wanted is OutputFormat.JSON:
        return as_json(document, indent=2)
    return as_yaml(document)


def as_json(document: Mapping[str, Any], indent: int | None = None) -> str:
    """Return a document as JSON, without characters that command a terminal."""
    return json.dumps(document, indent=indent, ensure_ascii=False).translate(_ESCAPED)


def table_of(simulations: Sequence[Simulation], now: datetime, *, namespaces: bool) -> Table:
    """Return a row for each simulation.

    now: the time, which ages are counted to.
    namespaces: whether to show them.
    """
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in (*(("NAMESPACE",) if namespaces else ()), *HEADINGS):
        table.add_column(heading, justify="right" if heading in NUMBERS else "left", no_wrap=True)
    for simulation in simulations:
        before = (simulation.namespace,) if namespaces else ()
        table.add_row(*before, *_cells(simulation, now))
    return table


def _cells(simulation: Simulation, now: datetime) -> tuple[str, ...]:
    status = simulation.status
    summary, progress = status.summary, status.progress
    capacity = None if summary is None else summary.discharge_capacity_ampere_hours
    return (
        simulation.name,
        simulation.phase,
        status.protocol or "",
        "" if progress is None else str(progress.percent),
        _reason(simulation),
        "" if capacity is None else number(capacity, 6),
        age(now - simulation.created_time),
    )


def _reason(simulation: Simulation) -> str:
    """Return why a simulation has ended or goes on, in a word."""
    status = simulation.status
    if status.failure is not None:
        return str(status.failure.reason)
    if simulation.succeeded and status.summary is not None:
        return str(status.summary.end_reason)
    return "" if (condition := simulation.course) is None else condition.reason


def age(passed: timedelta) -> str:
    """Return how long ago something was, in its largest unit.

    >>> age(timedelta(minutes=90))
    '1h'
    """
    for unit, length in _UNITS:
        if passed >= length:
            return f"{passed // length}{unit}"
    return f"{max(0, int(passed.total_seconds()))}s"
