"""Which variables a model has, and what is wrong with one that is asked for."""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from batterysim.catalogue.nearest_names import nearest_names
from batterysim.catalogue.variable_words import variable_of_word
from batterysim.results import DEFAULT_COLUMNS
from batterysim.spec.model import ModelFamily
from batterysim_data import data_file

SHARED = "shared"
"""The part of the file that the families of a porous electrode have in common."""


class VariableNames(NamedTuple):
    """A model's variables by PyBaMM's names.

    scalar: one number for each moment.
    spatial: many numbers for each moment, which a result has no room for.
    """

    scalar: frozenset[str]
    spatial: frozenset[str]


@cache
def variable_names(family: ModelFamily) -> VariableNames:
    """Return what a family has with its default options."""
    content = json.loads(data_file("variables.json").read_text(encoding="utf-8"))
    parts = [content[family]] if family == "Thevenin" else [content[SHARED], content[family]]
    scalar = {column.name for column in DEFAULT_COLUMNS}.union(*(part["scalar"] for part in parts))
    return VariableNames(frozenset(scalar), frozenset().union(*(part["spatial"] for part in parts)))


def complaints(names: Iterable[str], known: VariableNames) -> dict[str, str]:
    """Say why variables cannot be in a result, and what can be instead; those that can be are left out.

    >>> scalar, spatial = {"X-averaged cell temperature [K]"}, {"Cell temperature [K]"}
    >>> names = VariableNames(frozenset(scalar), frozenset(spatial))
    >>> complaints(["Cell temperature [K]"], names)["Cell temperature [K]"]
    "varies in space, but a result has one number per point in time: use 'X-averaged cell temperature [K]'"
    """
    impossible = [name for name in names if name not in known.scalar]
    meant = {name: [word] for name in impossible if (word := variable_of_word(name)) in known.scalar}
    near = nearest_names((name for name in impossible if name not in meant), known.scalar) | meant
    return {name: _complaint(name, known, near.get(name, ())) for name in impossible}


def _complaint(name: str, known: VariableNames, near: Sequence[str]) -> str:
    if name in known.spatial:
        averages = sorted(scalar for scalar in known.scalar if scalar.lower().endswith(f" {name.lower()}"))
        hint = _alternatives(averages or near)
        return f"varies in space, but a result has one number per point in time: use {hint}"
    return f"the model has no such variable; use {_alternatives(near)}"


def _alternatives(names: Sequence[str]) -> str:
    return " or ".join(map(repr, names)) or "a name from `batterysim list variables`"
