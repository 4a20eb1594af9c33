"""What can be written into a manifest, from the contract and the catalogue."""

from collections.abc import Iterable
from enum import StrEnum
from itertools import starmap
from typing import get_args

from rich.console import Group
from rich.table import Table
from rich.text import Text

from batterysim.catalogue import MANAGED_PARAMETERS, drive_cycle, parameter_defaults
from batterysim.spec import Cell, DriveCycle, DriveCycleName, Model, ModelFamily, ParameterSet

CELLS: tuple[str, ...] = get_args(ParameterSet)
DEFAULT_CELL = "Chen2020"
CUT_OFFS_AND_CAPACITY = (
    "Nominal cell capacity [A.h]",
    "Lower voltage cut-off [V]",
    "Upper voltage cut-off [V]",
)
MODEL_HEADINGS = ("spec.model.family",)
CELL_HEADINGS = ("spec.cell.parameterSet", "capacity A.h", "lower cut-off V", "upper cut-off V")
CYCLE_HEADINGS = ("spec.protocol.driveCycle.name", "length s", "points", "lowest A", "highest A")
PARAMETER_HEADINGS = ("spec.cell.parameters", "default", "its own field")
WORDS = (MODEL_HEADINGS[0], CELL_HEADINGS[0], CYCLE_HEADINGS[0], *PARAMETER_HEADINGS[::2])
PARAMETER_NOTE = (
    "A parameter with a field of its own is set there. One that is a function cannot be replaced by a number."
)


class Topic(StrEnum):
    """What there is a list of."""

    MODELS = "models"
    CELLS = "cells"
    CYCLES = "cycles"
    PARAMETERS = "parameters"


def listing(topic: Topic, parameter_set: str) -> Group:
    """Return the list; parameters are those of one set, the other topics do not depend on it."""
    match topic:
        case Topic.MODELS:
            rows = [(name,) for name in get_args(ModelFamily)]
            return _list(MODEL_HEADINGS, rows, Model.model_fields["family"].description)
        case Topic.CELLS:
            return _list(CELL_HEADINGS, map(_cell, CELLS), Cell.model_fields["parameter_set"].description)
        case Topic.CYCLES:
            cycles = map(_cycle, get_args(DriveCycleName))
            return _list(CYCLE_HEADINGS, cycles, DriveCycle.model_fields["name"].description)
        case Topic.PARAMETERS:
            parameters = sorted(parameter_defaults(parameter_set).items())
            return _list(PARAMETER_HEADINGS, starmap(_parameter, parameters), PARAMETER_NOTE)


def _cell(name: str) -> tuple[str, ...]:
    defaults = parameter_defaults(name)
    return (name, *(_number(defaults.get(parameter)) for parameter in CUT_OFFS_AND_CAPACITY))


def _cycle(name: str) -> tuple[str, ...]:
    cycle = drive_cycle(name)
    currents = cycle.currents_amperes
    numbers = (cycle.duration_seconds, len(currents), min(currents), max(currents))
    return (name, *map(_number, numbers))


def _parameter(name: str, value: float | None) -> tuple[str, ...]:
    field = MANAGED_PARAMETERS.get(name)
    return (name, _number(value), "" if field is None else f"spec.{field}")


def _number(value: float | None) -> str:
    return "function" if value is None else f"{value:g}"


def _list(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]], note: str | None) -> Group:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="left" if heading in WORDS else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return Group(table, Text(f"\n{note}"))
