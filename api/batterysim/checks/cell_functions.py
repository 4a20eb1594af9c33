"""Errors in a cell's functions, as far as they show without PyBaMM."""

import math
from collections.abc import Iterator, Mapping
from itertools import product

from batterysim.catalogue.cell_functions import (
    FIRST,
    OCP,
    POSITIVE,
    VARIABLES,
    function_variables,
    names_of,
)
from batterysim.catalogue.function_table import FunctionTable, FunctionTableError, read_function_table
from batterysim.failure import FailureReason
from batterysim.problem import Problem
from batterysim.spec.cell import Cell
from batterysim.spec.cell_function import CellFunction
from batterysim.spec.documents.bpx_expression import (
    NUMBER_FUNCTIONS,
    Expression,
    ExpressionError,
    parse_expression,
)

OCP_VOLTS = (-1.0, 10.0)
"""Far beyond every electrode's potential against lithium."""


def function_problems(cell: Cell) -> list[Problem]:
    """Return what is wrong with the functions of a cell by themselves; their names are checked elsewhere."""
    return [problem for name, given in cell.functions.items() for problem in _problems(cell, name, given)]


def function_field(name: str) -> str:
    """Return the field of a function."""
    return f"spec.cell.functions[{name!r}]"


def read_function(name: str, given: CellFunction) -> Expression | FunctionTable | None:
    """Return a function understood; None: it is the cell's own, or in a ConfigMap that has not been read.

    name: of a parameter that is a function.

    Raises:
        ExpressionError, FunctionTableError: it cannot be.
    """
    variables = function_variables(name) or ()
    if given.expression is not None:
        return parse_expression(given.expression, names_of(variables))
    if given.table is not None:
        return read_function_table(given.table, names_of(variables), given.interpolation or "Linear")
    return None


def _problems(cell: Cell, name: str, given: CellFunction) -> Iterator[Problem]:
    field = function_field(name)
    if name in cell.parameters:
        yield _problem(field, "this parameter is in spec.cell.parameters, too: remove one of them")
    if function_variables(name) is None:
        return
    part = "expression" if given.expression is not None else "table"
    try:
        function = read_function(name, given)
    except (ExpressionError, FunctionTableError) as error:
        yield _problem(f"{field}.{part}", str(error))
        return
    if isinstance(function, FunctionTable):
        if given.interpolation == "Pchip" and len(function.variables) > 1:
            yield _problem(f"{field}.interpolation", "Pchip is for one variable: use Linear or Cubic")
        complaint = _table_complaint(name, function)
    else:
        complaint = None if function is None else _expression_complaint(name, function)
    if complaint is not None:
        yield _problem(f"{field}.{part}", complaint)


def _table_complaint(name: str, table: FunctionTable) -> str | None:
    for variable, axis in zip(table.variables, table.axes, strict=True):
        if VARIABLES[variable].unit == "" and variable_is_fraction(name, variable) and axis[-1] > 2:
            return f"{variable} is a fraction from 0 to 1, not {axis[-1]:g}: divide percent by 100"
        if variable == "T" and axis[0] < 100:
            return f"T is in K, not {axis[0]:g}: add 273.15 to degrees Celsius"
    places = product(*table.axes)
    return next(
        (
            complaint
            for place, value in zip(places, table.values, strict=True)
            if (complaint := _value_complaint(name, value, dict(zip(table.variables, place, strict=True))))
        ),
        None,
    )


def variable_is_fraction(name: str, variable: str) -> bool:
    """Tell whether a variable of a function is a fraction: x may be another name of its first one."""
    variables = function_variables(name) or ()
    return variable != FIRST or FIRST in variables


def _expression_complaint(name: str, expression: Expression) -> str | None:
    """Try a formula where a run will use it, or near that."""
    variables = function_variables(name) or ()
    for place in product(*(VARIABLES[variable].usual for variable in variables)):
        values = dict(zip(variables, place, strict=True))
        try:
            value = expression.evaluate_at({FIRST: place[0], **values}, NUMBER_FUNCTIONS)
        except ArithmeticError:
            value = math.nan
        if isinstance(value, complex) or not math.isfinite(value):
            return f"has no value at {_where(values)}: correct it"
        if (complaint := _value_complaint(name, value, values)) is not None:
            return complaint
    return None


def _value_complaint(name: str, value: float, place: Mapping[str, float]) -> str | None:
    if POSITIVE.search(name) and value <= 0:
        return f"is {value:g} at {_where(place)}, but must be above 0"
    low, high = OCP_VOLTS
    if OCP.search(name) and not low <= value <= high:
        return f"is {value:g} V at {_where(place)}, but a potential is {low:g} to {high:g} V"
    return None


def _where(place: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value:g}" for name, value in place.items())


def _problem(field: str, message: str) -> Problem:
    return Problem(FailureReason.INVALID_SPEC, field, message)
