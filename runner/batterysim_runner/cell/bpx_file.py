"""A BPX file (https://bpxstandard.com) as PyBaMM's parameter values, or what is wrong with it in words."""

import copy
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pybamm
from pydantic import ValidationError

from batterysim.checks.bpx import bpx_problem
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.documents.bpx_expression import (
    FUNCTIONS,
    NUMBER_FUNCTIONS,
    Expression,
    parse_expression,
)

_logger = logging.getLogger(__name__)

_TOP_LEVEL = ("Header", "Parameterisation", "State", "Validation")
# Parts of pydantic's location that say which type of a union was tried, and are not in the file.
_UNION_TAGS = re.compile(r"float|int|function-after.*|InterpolatedTable|dict\[.*")
# PyBaMM says it of every file, because BPX has no field for it.
_USUAL_WARNING = re.compile("'Open-circuit voltage at .* not found in BPX file")


def bpx_parameter_values(document: Mapping[str, Any]) -> pybamm.ParameterValues:
    """Return the parameter values of a BPX file.

    Warnings of the bpx package or PyBaMM, such as that the file is of an old version, is logged.

    Raises:
        InvalidSpecError: names each place in the file, and what was expected there.
    """
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        try:
            with _expressions_are_not_run():
                # A copy, because bpx puts its own objects into it.
                values = pybamm.ParameterValues.create_from_bpx_obj(copy.deepcopy(dict(document)))
        except ValidationError as error:
            raise InvalidSpecError(_schema_problems(error, document)) from error
        except KeyError as error:
            raise InvalidSpecError([_missing(error)]) from error
        except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            raise InvalidSpecError([bpx_problem([], f"PyBaMM cannot use the file: {error}")]) from error
    for text in dict.fromkeys(str(remark.message) for remark in remarks if _is_for_user(remark)):
        _logger.warning("BPX: %s", text)
    return values


# No NamedTuple: PyBaMM takes a tuple for a table.
@dataclass(frozen=True)
class BpxFunction:
    """An expression as a function of a number, or of a symbol of PyBaMM."""

    expression: Expression
    functions: Mapping[str, Callable[[Any], Any]]

    def __call__(self, x: Any) -> Any:
        """Return the value at x."""
        return self.expression.evaluate(x, self.functions)


_OF_SYMBOLS: Mapping[str, Callable[[Any], Any]] = {name: getattr(pybamm, name) for name in FUNCTIONS}


def _to_function(expression: str, preamble: str | None = None) -> BpxFunction:
    """Stand in for bpx's `Function.to_python_function`, which writes a file and has Python run it.

    preamble: PyBaMM imports its own functions by it; without it, bpx wants those of numbers.
    """
    return BpxFunction(parse_expression(expression), NUMBER_FUNCTIONS if preamble is None else _OF_SYMBOLS)


@contextmanager
def _expressions_are_not_run() -> Iterator[None]:
    from bpx import Function  # noqa: PLC0415 - few cells are BPX files

    original = Function.to_python_function
    Function.to_python_function = _to_function
    try:
        yield
    finally:
        Function.to_python_function = original


def _is_for_user(remark: warnings.WarningMessage) -> bool:
    # Not its kinds, which are about pydantic's and pyparsing's own future.
    return remark.category is UserWarning and not _USUAL_WARNING.match(str(remark.message))


def _schema_problems(error: ValidationError, document: Mapping[str, Any]) -> list[Problem]:
    """Return one problem for each place; pydantic has one for each type that was tried there."""
    messages: dict[tuple[str, ...], str] = {}
    for item in error.errors():
        path = tuple(str(part) for part in item["loc"] if not _UNION_TAGS.fullmatch(str(part)))
        if path not in messages or "Invalid Function" in item["msg"]:
            messages[path] = item["msg"]
    return [
        bpx_problem(_whole_path(path, document), message)
        for path, message in messages.items()
        if not any(other[: len(path)] == path for other in messages if other != path)  # says where in it
    ]


def _whole_path(path: tuple[str, ...], document: Mapping[str, Any]) -> list[str]:
    """Return a place from the file's top. Of Header and Parameterisation bpx gives it from below them."""
    if not path or path[0] in _TOP_LEVEL:
        return list(path)
    section = "Header" if path[0] in document["Header"] else "Parameterisation"
    return [section, *path]


def _missing(error: KeyError) -> Problem:
    """Say which value PyBaMM needs, although the standard lets a file leave it out."""
    quoted = re.search("'([^']+)'", str(error))
    name = quoted[1] if quoted else str(error)
    if "entropic change" in name:
        electrode = name.partition(" OCP")[0]
        return bpx_problem(
            ["Parameterisation", electrode, "Entropic change coefficient [V.K-1]"],
            "PyBaMM needs it, although BPX leaves it optional: add it, 0 if it is not known",
        )
    return bpx_problem(
        ["Parameterisation"], f"PyBaMM needs {name!r}, although BPX leaves it optional: add it"
    )
