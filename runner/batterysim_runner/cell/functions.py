"""Functions of a cell as PyBaMM takes them: called with symbols, they return a symbol."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pybamm

from batterysim.catalogue.cell_functions import FIRST, function_variables
from batterysim.catalogue.function_table import FunctionTable
from batterysim.checks.cell_functions import read_function
from batterysim.spec.cell_function import CellFunction
from batterysim.spec.documents.bpx_expression import FUNCTIONS, Expression

_OF_SYMBOLS: Mapping[str, Callable[[Any], Any]] = {name: getattr(pybamm, name) for name in FUNCTIONS}
_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z]+")
_OWN = "{} of the cell itself"
_INTERPOLATORS = {"Linear": "linear", "Cubic": "cubic", "Pchip": "pchip"}


# No NamedTuple: PyBaMM takes a tuple for a table.
@dataclass(frozen=True)
class _Function:
    """Takes the variables of a parameter in PyBaMM's order.

    source: a formula or a table; None: the cell's own function, by the name of a parameter.
    """

    parameter: str
    variables: tuple[str, ...]
    source: Expression | FunctionTable | None
    interpolator: str
    scale: float

    def __call__(self, *arguments: Any) -> pybamm.Symbol:
        """Return the value for symbols."""
        # Some models leave out the first ones, such as the stoichiometry of lithium metal.
        names = self.variables[-len(arguments) :]
        values = dict(zip(names, arguments, strict=True))
        match self.source:
            case Expression():
                value = self.source.evaluate_at({FIRST: arguments[0], **values}, _OF_SYMBOLS)
            case FunctionTable(variables=variables, axes=axes, values=numbers):
                shape = tuple(map(len, axes))
                value = pybamm.Interpolant(
                    tuple(map(np.array, axes)),
                    np.array(numbers).reshape(shape),
                    [values[name] if name in values else arguments[0] for name in variables],
                    name=self._table_name,
                    interpolator=self.interpolator,
                )
            case _:
                value = pybamm.FunctionParameter(_OWN.format(self.parameter), values)
        scaled = value if self.scale == 1 else self.scale * value
        return scaled if isinstance(scaled, pybamm.Symbol) else pybamm.Scalar(scaled)

    @property
    def _table_name(self) -> str:
        """The name of its table in messages. A spline's is the name of a function of CasADi's, too."""
        name = self.parameter
        return _NOT_IN_NAMES.sub("_", name).strip("_") if self.interpolator == "cubic" else name


def functions_of(given: Mapping[str, CellFunction], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters in the place of those that a spec gives as functions.

    own: the cell's parameters without them.
    """
    found: dict[str, Any] = {}
    for name, function in given.items():
        source = read_function(name, function)
        scale = 1.0 if function.scale is None else function.scale
        if source is None:
            if isinstance(own[name], int | float):
                found[name] = scale * own[name]
                continue
            found[_OWN.format(name)] = own[name]
        interpolator = _INTERPOLATORS[function.interpolation or "Linear"]
        found[name] = _Function(name, function_variables(name) or (), source, interpolator, scale)
    return found
