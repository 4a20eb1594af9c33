"""PyBaMM's model options: which there are, which values each has, and which parameters each value needs.

The file behind it is generated from PyBaMM, so that a spec can be checked without importing it.
"""

import json
import math
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from pydantic import JsonValue

from batterysim.spec.model import Model
from batterysim_data import data_file

FULL_CELL = "full cell"
HALF_CELL = "half-cell"
BLEND = "blend"
CIRCUIT = "circuit"

LUMPED_CAPACITY = "use lumped thermal capacity"
MSMR_REACTIONS = "number of MSMR reactions"

MECHANISMS_OF_AGEING = ("SEI", "SEI on cracks", "lithium plating", "loss of active material")
"""The options that each let a cell age."""


class Option(NamedTuple):
    """One of PyBaMM's options.

    per_electrode: whether it may be a pair, [negative, positive].
    values: each possible value, in text, and the parameters that it needs beyond those of the model without.
    counts: whether it may also be any natural number.
    """

    per_electrode: bool
    values: Mapping[str, list[str]]
    counts: bool = False


@cache
def model_options(structure: str) -> dict[str, Option]:
    """Return the options that there are, for a model with this structure of the cell."""
    content = json.loads(data_file("model_options.json").read_text(encoding="utf-8"))
    return {name: Option(**option) for name, option in content[structure].items()}


def in_text(value: JsonValue) -> Any:
    """Return an option's value as PyBaMM writes it: "true" for true, "2" for 2, a tuple for a list.

    >>> in_text([2, True])
    ('2', 'true')
    """
    if isinstance(value, list):
        return tuple(map(in_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_calendar_ageing(model: Model, *, is_rest: bool) -> bool:
    """Tell whether a run is the storage of a cell that ages by one of the model's mechanisms."""
    values = (in_text(model.options.get(name, "none")) for name in MECHANISMS_OF_AGEING)
    return is_rest and any(
        {*((value,) if isinstance(value, str) else value)} - {"none", "false"} for value in values
    )


def structure_of(model: Model) -> str:
    """Return what the model takes the cell for."""
    if model.family == "Thevenin":
        return CIRCUIT
    if in_text(model.options.get("working electrode", "both")) == "positive":
        return HALF_CELL
    return BLEND if "2" in _values(model.options.get("particle phases", "1")) else FULL_CELL


def needed_parameters(model: Model) -> frozenset[str]:
    """Return the parameters that the model needs because of its options.

    Options are looked at one by one, so what only two of them together need or spare is not in it.
    """
    known = model_options(structure_of(model))
    names: set[str] = set()
    given = {name: value for name, value in model.options.items() if name in known}
    if in_text(given.get(LUMPED_CAPACITY, False)) == "true":
        given.pop("thermal", None)  # one heat capacity in the place of each layer's
    for name, value in given.items():
        names.update(_needed(known[name], value))
    return frozenset(names)


def settable_parameters(model: Model, known: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return the parameters that can be overridden: the known ones, and those that the model's options need
    in addition.

    A circuit's elements are functions of its state, but one number each is a circuit, too.
    """
    added = needed_parameters(model) - known.keys()
    if model.family == "Thevenin":
        added |= known.keys() - {"Open-circuit voltage [V]"}
    return {**known, **dict.fromkeys(added, math.nan)}


def _needed(option: Option, value: JsonValue) -> Iterator[str]:
    sides = in_text(value)
    negative, positive = sides if isinstance(sides, tuple) and len(sides) == 2 else (sides, sides)
    for side, other in (negative, "positive"), (positive, "negative"):
        for name in option.values.get(side, ()) if isinstance(side, str) else ():
            if negative == positive or other not in name.lower():
                yield name


def _values(value: JsonValue) -> Iterator[str]:
    """Return all values in a pair, or in a pair of pairs."""
    if isinstance(value, list):
        for item in value:
            yield from _values(item)
    else:
        yield in_text(value)
