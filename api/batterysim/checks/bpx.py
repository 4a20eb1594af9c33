"""Errors in a BPX file, as far as they show without the bpx package, which only the runner has."""

from collections.abc import Iterator, Mapping
from typing import Any

from batterysim.checks.magnitudes import magnitude_complaint
from batterysim.failure import FailureReason
from batterysim.problem import Problem
from batterysim.spec.documents.bpx_expression import ExpressionError, parse_expression

MODELS = ("DFN", "SPMe")
"""Of the standard's Header.Model. PyBaMM reads no others: SPM and Partial leave out what it needs."""

ELECTRODES = ("Negative electrode", "Positive electrode")


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
            try:
                parse_expression(value)
            except ExpressionError as error:
                yield bpx_problem(here, str(error))
        elif isinstance(value, float | int) and not isinstance(value, bool):
            # "Thickness [m]" is that of an electrode or of the separator here, by the part that it stands in.
            full_name = f"{path[-1]} {name}" if name.startswith(("Thickness", "Porosity")) else name
            if (complaint := magnitude_complaint(full_name, value)) is not None:
                yield bpx_problem(here, complaint)
        elif isinstance(value, Mapping):
            yield from _stoichiometry_problems(value, here)
            x = value.get("x")
            if isinstance(x, list) and len(set(map(str, x))) < len(x):
                yield bpx_problem(
                    [*here, "x"], "has a value twice, so the table is not a function: remove one"
                )
            yield from _value_problems(value, here)


def _stoichiometry_problems(part: Mapping[str, Any], path: list[str]) -> Iterator[Problem]:
    """Check the range of an electrode's stoichiometry, which would be solved the wrong way round, too."""
    low, high = part.get("Minimum stoichiometry"), part.get("Maximum stoichiometry")
    if isinstance(low, float | int) and isinstance(high, float | int) and not 0 <= low < high <= 1:
        yield bpx_problem(
            [*path, "Minimum stoichiometry"],
            f"{low:g} to {high:g} is no range within 0 and 1: are minimum and maximum exchanged?",
        )
