"""What is wrong with a BPX file, as far as it shows without the bpx package, which only the runner has."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from batterysim.checks.problem import Problem
from batterysim.failure import FailureReason

MODELS = ("DFN", "SPMe")
"""Of the standard's Header.Model. PyBaMM reads no others: SPM and Partial leave out what it needs."""

FUNCTIONS = ("exp", "tanh", "cosh")
"""Those that PyBaMM gives the expressions of a BPX file."""

ELECTRODES = ("Negative electrode", "Positive electrode")

MAX_EXPRESSION_CHARACTERS = 1000
"""Several times the longest of the published files. Checked before anything else looks at the text."""

# Each character belongs to one match at most, so that the time grows with the length and no faster.
_WORD_OR_SIGN = re.compile(r"\w+|[^\w\s]")


def bpx_problems(document: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with the file's outline, its functions and its tables."""
    header, content = document.get("Header"), document.get("Parameterisation")
    if not isinstance(header, Mapping):
        return [bpx_problem(["Header"], "required, but absent: a BPX file begins with it")]
    if not isinstance(content, Mapping):
        return [bpx_problem(["Parameterisation"], "required, but absent: it holds the cell's parameters")]
    problems = [
        bpx_problem(["Header", name], "required, but absent: add it")
        for name in ("BPX", "Model")
        if name not in header
    ]
    if "Model" in header and header["Model"] not in MODELS:
        message = f"must be {' or '.join(MODELS)}, which is what PyBaMM reads, not {header['Model']!r}"
        problems.append(bpx_problem(["Header", "Model"], message))
    return problems + list(_value_problems(content, ["Parameterisation"]))


def is_blend(document: Mapping[str, Any], electrode: str) -> bool:
    """Tell whether an electrode has several active materials."""
    content = document["Parameterisation"].get(electrode)
    particles = content.get("Particle") if isinstance(content, Mapping) else None
    return isinstance(particles, Mapping) and len(particles) > 1


def bpx_problem(path: list[str], message: str) -> Problem:
    """Return a problem at a place in the file."""
    field = "spec.cell.bpx" + "".join(f"[{name!r}]" for name in path)
    return Problem(FailureReason.INVALID_SPEC, field, message)


def _value_problems(node: Mapping[str, Any], path: list[str]) -> Iterator[Problem]:
    for name, value in node.items():
        here = [*path, name]
        if isinstance(value, str) and name != "description":
            if len(value) > MAX_EXPRESSION_CHARACTERS:
                message = (
                    f"an expression of {len(value)} characters, of at most {MAX_EXPRESSION_CHARACTERS}: "
                    "give a table of x and y instead"
                )
                yield bpx_problem(here, message)
            elif unknown := sorted(set(_calls(value)) - set(FUNCTIONS)):
                message = f"unknown function {unknown[0]!r}: BPX has {', '.join(FUNCTIONS)}, and a variable x"
                yield bpx_problem(here, message)
        elif isinstance(value, Mapping):
            x = value.get("x")
            if isinstance(x, list) and len(set(map(str, x))) < len(x):
                yield bpx_problem([*here, "x"], "has a value twice, so the table is no function: remove one")
            yield from _value_problems(value, here)


def _calls(expression: str) -> Iterator[str]:
    """Yield the word before each opening bracket: a function's name, or such as `2exec`, which is none."""
    for word, following in pairwise(_WORD_OR_SIGN.findall(expression)):
        if following == "(" and not word.isdigit() and (word[0].isalnum() or word[0] == "_"):
            yield word
