"""The names and values that a manifest can have, from the contract and the catalogue."""

from collections.abc import Iterable
from enum import StrEnum
from itertools import starmap
from typing import get_args

from rich.console import Group
from rich.table import Table
from rich.text import Text

from batterysim.catalogue.cell_kind import cell_kind
from batterysim.catalogue.model_descriptions import MODEL_DESCRIPTIONS
from batterysim.catalogue.parameter_names import LOWER_CUT_OFF, NOMINAL_CAPACITY, UPPER_CUT_OFF
from batterysim.catalogue.parameters import MANAGED_PARAMETERS, cell_base, drive_cycle, parameter_defaults
from batterysim.catalogue.preset import preset
from batterysim.catalogue.variables import variable_names
from batterysim.results import DEFAULT_COLUMNS, Column
from batterysim.spec.cell import Cell, CellPreset, ParameterSet
from batterysim.spec.model import ModelFamily
from batterysim.spec.protocols.drive_cycle import DRIVE_CYCLES, VEHICLE_CYCLES, DriveCycleFacts

PARAMETER_SETS: tuple[ParameterSet, ...] = get_args(ParameterSet)
MODELS: tuple[ModelFamily, ...] = get_args(ModelFamily)
DEFAULT_CELL = "Chen2020"
DEFAULT_MODEL = "DFN"
CAPACITY_AND_CUT_OFFS = (
    NOMINAL_CAPACITY,
    LOWER_CUT_OFF,
    UPPER_CUT_OFF,
)
MODEL_HEADINGS = ("spec.model.family", "what it is")
CELL_HEADINGS = ("spec.cell", "name", "capacity A.h", "lower V", "upper V", "what it is")
CYCLE_NOTE = (
    f"Set scale for {' and '.join(VEHICLE_CYCLES)}, which is the power of a whole vehicle: "
    "1/4000 is for one of 4000 cells"
)
CYCLE_HEADINGS = ("spec.protocol.driveCycle.name", "length s", "points", "lowest", "highest", "unit")
VARIABLE_HEADINGS = ("spec.output.variables", "unit", "")
PARAMETER_HEADINGS = ("spec.cell.parameters", "default", "its own field")
NUMBERS = ("capacity A.h", "lower V", "upper V", "length s", "points", "lowest", "highest", "default")
MODEL_NOTE = "Which cells each one solves: docs/cells.md. Their options: docs/models.md."
CELL_NOTE = "Where the numbers are from: docs/cells.md and docs/cell-presets.md. A BPX file is a cell, too."
VARIABLE_NOTE = (
    "For the model with its default options; options add variables. Those that vary in space are left out, "
    "because a result has one number per point in time."
)
PARAMETER_NOTE = (
    "A parameter with a field of its own is set there. One that is a function cannot be replaced by a number."
)


class Topic(StrEnum):
    """What there is a list of."""

    MODELS = "models"
    CELLS = "cells"
    CYCLES = "cycles"
    VARIABLES = "variables"
    PARAMETERS = "parameters"


def listing(topic: Topic, parameter_set: str, model: ModelFamily, text: str) -> Group:
    """Return the list: parameters are those of one set, variables those of one model.

    text: only rows with this in them, in small or capital letters.
    """
    match topic:
        case Topic.MODELS:
            return _list(MODEL_HEADINGS, MODEL_DESCRIPTIONS.items(), MODEL_NOTE, text)
        case Topic.CELLS:
            sets, presets = map(_parameter_set, PARAMETER_SETS), map(_preset, get_args(CellPreset))
            return _list(CELL_HEADINGS, [*presets, *sets], CELL_NOTE, text)
        case Topic.CYCLES:
            cycles = map(_cycle, DRIVE_CYCLES)
            return _list(CYCLE_HEADINGS, cycles, CYCLE_NOTE, text)
        case Topic.VARIABLES:
            names = sorted(variable_names(model).scalar, key=str.lower)
            return _list(VARIABLE_HEADINGS, map(_variable, names), VARIABLE_NOTE, text)
        case Topic.PARAMETERS:
            parameters = sorted(parameter_defaults(parameter_set).items())
            return _list(PARAMETER_HEADINGS, starmap(_parameter, parameters), PARAMETER_NOTE, text)


def _parameter_set(name: ParameterSet) -> tuple[str, ...]:
    cell = Cell(parameter_set=name)
    return ("parameterSet", name, *_cell_numbers(cell), cell_kind(cell).words)


def _preset(name: CellPreset) -> tuple[str, ...]:
    premade = preset(name)
    return ("preset", name, *_cell_numbers(Cell(preset=name)), f"{premade.title}, on {premade.parameter_set}")


def _cell_numbers(cell: Cell) -> Iterable[str]:
    defaults = cell_base(cell).defaults or {}
    return (_number(defaults.get(parameter)) for parameter in CAPACITY_AND_CUT_OFFS)


def _cycle(name: str) -> tuple[str, ...]:
    cycle = drive_cycle(name)
    numbers = (cycle.duration_seconds, len(cycle.values), min(cycle.values), max(cycle.values))
    return (name, *map(_number, numbers), _unit(DRIVE_CYCLES[name]))


def _unit(cycle: DriveCycleFacts) -> str:
    unit = {"Current": "A", "Power": "W", "Voltage": "V"}[cycle.quantity]
    return f"{unit} of a vehicle" if cycle.subject == "vehicle" else unit


def _variable(name: str) -> tuple[str, ...]:
    column = Column.of(name)
    return (name, column.unit, "always in the result" if column in DEFAULT_COLUMNS else "")


def _parameter(name: str, value: float | None) -> tuple[str, ...]:
    field = MANAGED_PARAMETERS.get(name)
    return (name, _number(value), "" if field is None else f"spec.{field}")


def _number(value: float | None) -> str:
    return "function" if value is None else f"{value:g}"


def _list(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]], note: str | None, text: str) -> Group:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in NUMBERS else "left", no_wrap=True)
    for row in rows:
        if any(text.lower() in cell.lower() for cell in row):
            table.add_row(*row)
    return Group(table, Text(f"\n{note}"))
