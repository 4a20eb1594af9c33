"""What a cell's parameters describe, and so which models can solve it, each with which options."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from pydantic import JsonValue

from batterysim.catalogue.model_options import MSMR_REACTIONS
from batterysim.catalogue.parameter_names import CIRCUIT_CAPACITY
from batterysim.catalogue.parameters import cell_base
from batterysim.spec.cell import Cell
from batterysim.spec.model import ModelFamily

Options = Mapping[str, JsonValue]


class CellKind(NamedTuple):
    """What parameters describe.

    words: what to call it, with its article.
    models: the families that can solve it, and the options that each must have for that.
    """

    words: str
    models: Mapping[ModelFamily, Options]


FULL_CELL = CellKind(
    "a cell of two electrodes", {"SPM": {}, "SPMe": {}, "DFN": {}, "MPM": {}, "NewmanTobias": {}}
)
CIRCUIT = CellKind("an equivalent circuit", {"Thevenin": {}})

_HALF_CELL: Options = {"working electrode": "positive"}
HALF_CELL = CellKind(
    "an electrode against lithium metal",
    {"SPM": _HALF_CELL, "SPMe": _HALF_CELL, "DFN": _HALF_CELL, "MPM": _HALF_CELL},
)

_BLEND: Options = {"particle phases": ["2", "1"]}
BLEND = CellKind(
    "a cell with two materials in its negative electrode",
    {
        "SPM": _BLEND,
        "SPMe": _BLEND,
        "DFN": _BLEND,
        "MPM": _BLEND,
        "NewmanTobias": {**_BLEND, "particle": "Fickian diffusion"},
    },
)


def cell_kind(cell: Cell) -> CellKind:
    """Return what a cell's parameters describe."""
    names = cell_base(cell).defaults
    if names is None:  # a BPX file, whose blends are checked elsewhere
        return FULL_CELL
    return _described_by(frozenset(names))


# More than there are parameter sets and presets: a sweep asks for the same one at each of its points.
@lru_cache(maxsize=64)
def _described_by(names: frozenset[str]) -> CellKind:
    if CIRCUIT_CAPACITY in names:
        return CIRCUIT
    if "Exchange-current density for lithium metal electrode [A.m-2]" in names:
        return HALF_CELL
    if any(name.startswith("Secondary: ") for name in names):
        return BLEND
    reactions = msmr_reactions(names)
    return FULL_CELL if reactions == ["0", "0"] else _msmr(reactions)


def msmr_reactions(names: Iterable[str]) -> list[str]:
    """Return how many reactions parameters describe in the negative and in the positive electrode."""
    return [
        str(sum(name.startswith(f"{side} electrode host site occupancy fraction") for name in names))
        for side in ("Negative", "Positive")
    ]


def _msmr(reactions: list[str]) -> CellKind:
    options: Options = {
        "open-circuit potential": "MSMR",
        "particle": "MSMR",
        "intercalation kinetics": "MSMR",
        MSMR_REACTIONS: list[JsonValue](reactions),
    }
    return CellKind(
        "a cell of multi-species, multi-reaction electrodes",
        {"MSMR": {}, "SPM": options, "SPMe": options, "DFN": options, "NewmanTobias": options},
    )
