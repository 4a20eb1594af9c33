"""Which variables a model has, and what is wrong with one that is asked for."""

import difflib
import json
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

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


def complaint(name: str, known: VariableNames) -> str | None:
    """Say why a variable cannot be in a result, and what can be instead; None: it can be.

    >>> scalar, spatial = {"X-averaged cell temperature [K]"}, {"Cell temperature [K]"}
    >>> names = VariableNames(frozenset(scalar), frozenset(spatial))
    >>> complaint("Cell temperature [K]", names)
    "varies in space, and a result has one number for each moment: use 'X-averaged cell temperature [K]'"
    """
    if name in known.scalar:
        return None
    if name in known.spatial:
        same = sorted(scalar for scalar in known.scalar if scalar.lower().endswith(f" {name.lower()}"))
        hint = _alternatives(same or difflib.get_close_matches(name, known.scalar, n=3, cutoff=0.6))
        return f"varies in space, and a result has one number for each moment: use {hint}"
    near = difflib.get_close_matches(name, known.scalar, n=3, cutoff=0.5)
    return f"the model has no such variable; use {_alternatives(near)}"


def _alternatives(names: Sequence[str]) -> str:
    return " or ".join(map(repr, names)) or "a name from `batterysim list variables`"
