"""Expressions of BPX files: a function of x, from a fixed list of operations, that is never run as code.

A spec's own expressions are the same, of variables with other names.

The bpx package takes a function of any name, and has Python run the expression. Here Python parses it, which
runs nothing; each node has to be on the list; and the tree is evaluated node by node.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

FUNCTIONS = ("exp", "tanh", "cosh")
"""Those that PyBaMM gives the expressions of a BPX file."""

MAX_CHARACTERS = 1000
"""Several times the longest of the published files. Checked before anything else looks at the text."""
MAX_DEPTH = 50
MAX_EXPONENT = 100.0

VARIABLE = "x"

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}

NUMBER_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {name: getattr(math, name) for name in FUNCTIONS}
"""What each of FUNCTIONS is for numbers."""

# Each character belongs to one match at most, so that the time grows with the length and no faster.
_WORD_OR_SIGN = re.compile(r"\w+|[^\w\s]")
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)


class ExpressionError(ValueError):
    """An expression that is none of a BPX file's. The message says what is wrong and what there is."""


class Expression(NamedTuple):
    """A function of x or of other variables. Every node of the tree is on the list."""

    text: str
    tree: ast.expr

    def evaluate(self, x: Any, functions: Mapping[str, Callable[[Any], Any]]) -> Any:
        """Return the value at x.

        x: a number, or whatever has the arithmetic operators, such as a symbol of PyBaMM.
        functions: what each of FUNCTIONS is, for such an x.

        Raises:
            ArithmeticError: there is none, as of 1/x at 0.
        """
        return self.evaluate_at({VARIABLE: x}, functions)

    def evaluate_at(self, values: Mapping[str, Any], functions: Mapping[str, Callable[[Any], Any]]) -> Any:
        """Return the value for a value of each variable; see `evaluate`."""
        return _evaluate(self.tree, values, functions)


def parse_expression(text: str, variables: Sequence[str] = (VARIABLE,)) -> Expression:
    """Understand an expression.

    variables: the names that it may have in it.

    Raises:
        ExpressionError: it is too long or deep, or has anything that is not on the list.
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            f"has {len(text)} characters, but an expression may have at most {MAX_CHARACTERS}: give a "
            "table of x and y "
            "instead"
        )
    for name in _calls(text):
        if name not in FUNCTIONS:
            raise ExpressionError(f"unknown function {name!r}: BPX has {_names(variables)}")
    line = " ".join(text.split())  # ends of lines are spaces to BPX
    try:
        if "#" in line:
            raise ValueError("Python's comments are none of BPX")
        tree = ast.parse(line, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(
            f"{text[:80]!r} is no expression: write such as '1.97 * exp(-39.4 * x) + 0.2'"
        ) from error
    _check(tree, line, variables, 0)
    return Expression(text, tree)


def _names(variables: Sequence[str]) -> str:
    """Return all names that there are, in words."""
    return f"{', '.join(FUNCTIONS)}, and a variable {' or '.join(variables)}"


def _calls(text: str) -> Iterator[str]:
    """Yield the word before each opening bracket: a function's name, or such as `2exec`, which is none."""
    for word, following in pairwise(_WORD_OR_SIGN.findall(text)):
        if following == "(" and not word.isdigit() and (word[0].isalnum() or word[0] == "_"):
            yield word


def _check(node: ast.expr, text: str, variables: Sequence[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ExpressionError(f"more than {MAX_DEPTH} levels deep: give a table of x and y instead")
    first, others = _chain(node)
    for operation, operand in others:
        if type(operation) not in _BINARY:
            raise _not_listed(node, text, variables)
        _check(operand, text, variables, depth + 1)
        if isinstance(operation, ast.Pow):
            _check_exponent(operand)
    match first:
        case ast.Constant():
            _check_number(first, text)
        case ast.Name(id=name):
            if name not in variables:
                raise ExpressionError(f"unknown variable {name!r}: BPX has {_names(variables)}")
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            _check(operand, text, variables, depth + 1)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            _check(argument, text, variables, depth + 1)
        case _:
            raise _not_listed(first, text, variables)


def _chain(node: ast.expr) -> tuple[ast.expr, list[tuple[ast.operator, ast.expr]]]:
    """Return the first operand of such as a + b - c, and the others with what is done with each, in order.

    Python's tree of it is as deep as it is long.
    """
    others = []
    while isinstance(node, ast.BinOp):
        others.append((node.op, node.right))
        node = node.left
    return node, others[::-1]


def _not_listed(node: ast.expr, text: str, variables: Sequence[str]) -> ExpressionError:
    return ExpressionError(
        f"{_written(node, text)!r} is not of BPX, which has + - * / **, {_names(variables)}"
    )


def _written(node: ast.expr, text: str) -> str:
    return (ast.get_source_segment(text, node) or text)[:80]


def _check_number(node: ast.Constant, text: str) -> None:
    """Refuse texts, truth values, and numbers as only Python writes them, such as 0x10, 1_000 and 2j."""
    written = ast.get_source_segment(text, node) or ""
    if not _NUMBER.fullmatch(written) or not math.isfinite(float(written)):
        raise ExpressionError(f"{written[:80]!r} is not a number: write for example 1.5 or 2e-3")


def _check_exponent(node: ast.expr) -> None:
    """Bound an exponent that is known. One that depends on x is as large as x makes it."""
    try:
        exponent = _evaluate(node, _Nowhere(), NUMBER_FUNCTIONS)
    except ArithmeticError:
        exponent = math.inf
    if isinstance(exponent, complex) or abs(exponent) > MAX_EXPONENT:
        raise ExpressionError(f"an exponent of {exponent:g}, of at most {MAX_EXPONENT:g}: use a smaller one")


class _Nowhere(dict[str, float]):
    """Values of variables that are not known."""

    def __missing__(self, name: str) -> float:
        return math.nan


def _evaluate(
    node: ast.expr, values: Mapping[str, Any], functions: Mapping[str, Callable[[Any], Any]]
) -> Any:
    first, others = _chain(node)
    match first:
        case ast.Constant(value=int() | float() as number):
            # Whole numbers, too: powers of Python's own have as many digits as they like.
            value: Any = float(number)
        case ast.Name(id=name):
            value = values[name]
        case ast.UnaryOp(op=op, operand=operand):
            value = _UNARY[type(op)](_evaluate(operand, values, functions))
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            value = functions[name](_evaluate(argument, values, functions))
        case _:
            raise AssertionError(f"{type(first).__name__} was let through")
    for operation, operand in others:
        value = _BINARY[type(operation)](value, _evaluate(operand, values, functions))
    return value
