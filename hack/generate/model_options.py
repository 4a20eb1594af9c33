"""PyBaMM's model options, written down so that the operator can check a spec without PyBaMM.

python -m generate.model_options data/batterysim_data/model_options.json
"""

import json
import sys
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pybamm

from batterysim.catalogue.model_options import (
    BLEND,
    CIRCUIT,
    FULL_CELL,
    HALF_CELL,
    LUMPED_CAPACITY,
    MSMR_REACTIONS,
    Option,
)
from batterysim_runner.model.needed_parameters import needed_parameters

Options = dict[str, Any]

FAMILIES = (pybamm.lithium_ion.DFN, pybamm.lithium_ion.SPMe, pybamm.lithium_ion.SPM)
"""A value is possible when one of these takes it. The first one that does says what it needs."""
RC_ELEMENTS = "number of rc elements"
MAX_RC_ELEMENTS = 10
"""PyBaMM takes any number; nobody measures that many."""
NOT_OFFERED = ("operating mode", "convection", "hydrolysis")
"""The protocol's, and those of lead-acid cells."""
STRUCTURES: dict[str, Options] = {
    FULL_CELL: {},
    HALF_CELL: {"working electrode": "positive"},
    BLEND: {"particle phases": ("2", "1")},
}
_MSMR: Options = dict.fromkeys(("open-circuit potential", "particle", "intercalation kinetics"), "MSMR")
COMPANIONS: dict[tuple[str, Any], Options] = {
    ("thermal", "x-lumped"): {"cell geometry": "pouch"},
    (LUMPED_CAPACITY, "true"): {"thermal": "lumped"},
    ("stress-induced diffusion", "true"): {"particle mechanics": "swelling only"},
    ("current collector", "potential pair"): {"dimensionality": 1},
    **{(name, value): {**_MSMR, MSMR_REACTIONS: ("1", "1")} for name, value in _MSMR.items()},
}
"""What a value cannot be without."""
DERIVED = ("particle-size distribution", "minimum particle radius", "maximum particle radius")
"""In the names of parameters that the runner itself derives from the particle's radius."""

_DEFAULTS = pybamm.BatteryModelOptions({})


def render() -> str:
    """Return the file that holds all options."""
    content = {structure: options_of(structure) for structure in (*STRUCTURES, CIRCUIT)}
    return json.dumps(content, indent=1) + "\n"


def options_of(structure: str) -> dict[str, Any]:
    """Return all options of a model of this structure, as plain data."""
    options = _circuit() if structure == CIRCUIT else _lithium_ion(structure)
    return {name: option._asdict() for name, option in options.items()}


def _lithium_ion(structure: str) -> dict[str, Option]:
    possible: dict[str, list[Any]] = pybamm.BatteryModelOptions({}).possible_options
    return {
        name: Option(
            per_electrode=_takes_pairs(name, _DEFAULTS[name]),
            values={
                str(value): added
                for value in values
                if (added := _additional(structure, name, value)) is not None
            },
            counts=name == MSMR_REACTIONS,
        )
        for name, values in possible.items()
        if name not in NOT_OFFERED
    }


def _takes_pairs(name: str, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        pybamm.BatteryModelOptions({name: (value, value)})
    except pybamm.OptionError:
        return False
    return True


def _additional(structure: str, name: str, value: Any) -> list[str] | None:
    """Return what a value adds to the structure or, where it makes the structure, to a full cell.

    None: no model of this structure can have it.
    """
    fixed = STRUCTURES[structure]
    if value == _DEFAULTS[name]:
        return []
    companions = COMPANIONS.get((name, value), {})
    pairs = [value, (_DEFAULTS[name], value)] if _takes_pairs(name, value) else [value]
    for family, pair in product(FAMILIES, pairs):
        try:
            needed = needed_parameters(family({**fixed, **companions, name: pair}))
        except Exception:  # noqa: S112 - PyBaMM has many ways of refusing, and each means the next try
            continue
        added = needed - _base(FULL_CELL if name in fixed else structure)
        return sorted(parameter for parameter in added if not any(words in parameter for words in DERIVED))
    return None


@cache
def _base(structure: str) -> frozenset[str]:
    return needed_parameters(pybamm.lithium_ion.DFN(dict(STRUCTURES[structure])))


def _circuit() -> dict[str, Option]:
    """Return the options of an equivalent circuit, whose possible values PyBaMM keeps to itself."""
    names = [name for name in _thevenin({}).options if name not in NOT_OFFERED]
    bare = needed_parameters(_thevenin({RC_ELEMENTS: 0}))
    possible = {
        name: range(MAX_RC_ELEMENTS + 1) if name == RC_ELEMENTS else ("false", "true") for name in names
    }
    return {
        name: Option(
            per_electrode=False,
            values={
                str(value): sorted(needed_parameters(_thevenin({RC_ELEMENTS: 0, name: value})) - bare)
                for value in values
            },
        )
        for name, values in possible.items()
    }


def _thevenin(options: Options) -> pybamm.BaseModel:
    return pybamm.equivalent_circuit.Thevenin(options=options)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
