"""Which parameters a model's equations need."""

from collections.abc import Iterator, Mapping
from typing import Any

import pybamm

_ALWAYS_TOLD = ("Voltage [V]", "Current [A]", "Total heating [W]")
"""Of these the last one is 0, and needs nothing, where the model has no heat. A circuit does not have it."""


def needed_parameters(model: pybamm.BaseModel) -> frozenset[str]:
    """Return the names of all parameters in the equations, limits, geometry, voltage and heat of a model.

    Not those of variables that nobody asks for, which PyBaMM does not evaluate either.
    """
    expressions = [
        *model.rhs.values(),
        *model.algebraic.values(),
        *model.initial_conditions.values(),
        *(value for sides in model.boundary_conditions.values() for value, _ in sides.values()),
        *(event.expression for event in model.events),
        *(model.variables[name] for name in _ALWAYS_TOLD if name in model.variables),
        *_symbols(model.default_geometry),
    ]
    unpacker = pybamm.SymbolUnpacker((pybamm.Parameter, pybamm.FunctionParameter))
    return frozenset(symbol.name for symbol in unpacker.unpack_list_of_symbols(expressions))


def geometry_parameters(model: pybamm.BaseModel) -> frozenset[str]:
    """Return the names of the parameters in a model's geometry."""
    unpacker = pybamm.SymbolUnpacker((pybamm.Parameter, pybamm.FunctionParameter))
    symbols = unpacker.unpack_list_of_symbols([*_symbols(model.default_geometry)])
    return frozenset(symbol.name for symbol in symbols)


def _symbols(geometry: Mapping[Any, Any]) -> Iterator[pybamm.Symbol]:
    """Return the expressions in a geometry, which is nested and has plain numbers and text, too."""
    for value in geometry.values():
        if isinstance(value, Mapping):
            yield from _symbols(value)
        elif isinstance(value, pybamm.Symbol):
            yield value
