"""The parameters that PyBaMM's models take as functions, and the arguments of each.

python -m generate.parameter_functions data/batterysim_data/parameter_functions.json
"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import pybamm

from batterysim.catalogue.cell_functions import VARIABLES

OPTIONS = (
    {},
    {
        "SEI": "solvent-diffusion limited",
        "SEI on cracks": "true",
        "lithium plating": "partially reversible",
        "particle mechanics": "swelling and cracking",
        "loss of active material": "stress-driven",
    },
    {"loss of active material": "current-driven"},
    {"thermal": "x-full", "contact resistance": "true"},
    {"open-circuit potential": "current sigmoid"},
    {"working electrode": "positive"},
)
"""Options of a DFN that between them have all parameters that are functions."""


def parameter_functions() -> dict[str, list[str]]:
    """Return each parameter whose arguments all have a name here, with these names."""
    models = [pybamm.lithium_ion.DFN(options) for options in OPTIONS]
    models.append(pybamm.equivalent_circuit.Thevenin())
    found: dict[str, list[str]] = {}
    for model in models:
        for symbol in _functions(model):
            variables = [_variable(words) for words in symbol.input_names]
            known = found.get(symbol.name, [])
            if None not in variables and len(variables) > len(known):
                found[symbol.name] = [str(variable) for variable in variables]
    return found


def _functions(model: pybamm.BaseModel) -> Iterable[pybamm.FunctionParameter]:
    expressions = [*model.rhs.values(), *model.algebraic.values(), *model.variables.values()]
    unpacker = pybamm.SymbolUnpacker(pybamm.FunctionParameter)
    return unpacker.unpack_list_of_symbols(expressions)  # type: ignore[no-any-return]


def _variable(words: str) -> str | None:
    found = (name for name, facts in VARIABLES.items() if re.search(f"{facts.words}$", words.lower()))
    return next(found, None)


def render() -> str:
    """Return the file's text."""
    return json.dumps(parameter_functions(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
