"""What is found in a BPX file before anything that can read it is there."""

import contextlib
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.checks.bpx import bpx_problems
from batterysim.problem import InvalidSpecError
from batterysim.spec.documents import bpx_expression
from tests.builders import Json, bpx_cell, bpx_document, spec_of

NEGATIVE = ("Parameterisation", "Negative electrode")


def changed(*path: str, to: Any) -> Json:
    """Return the example's BPX file with one value changed."""
    document = bpx_document()
    node = document
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = to
    return document


def without(*path: str) -> Json:
    document = bpx_document()
    node = document
    for name in path[:-1]:
        node = node[name]
    del node[path[-1]]
    return document


def complaints(document: Json) -> list[str]:
    return [str(problem) for problem in bpx_problems(document)]


def test_the_example_is_right() -> None:
    assert complaints(bpx_document()) == []


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (without("Header"), "['Header']: required, but absent: a BPX file begins with it"),
        (without("Parameterisation"), "['Parameterisation']: required, but absent: it holds the cell's"),
        (without("Header", "BPX"), "['Header']['BPX']: required, but absent: add it"),
        (without("Header", "Model"), "['Header']['Model']: required, but absent: add it"),
        (
            changed("Header", "Model", to="SPM"),
            "['Header']['Model']: must be DFN or SPMe, which is what PyBaMM reads, not 'SPM'",
        ),
        (
            changed(*NEGATIVE, "OCP [V]", to="0.1 + sqrt(x)"),
            "['Parameterisation']['Negative electrode']['OCP [V]']: unknown function 'sqrt': BPX has exp, "
            "tanh, cosh, and a variable x",
        ),
        (
            changed("Parameterisation", "Electrolyte", "Conductivity [S.m-1]", to="exit(x)"),
            "['Parameterisation']['Electrolyte']['Conductivity [S.m-1]']: unknown function 'exit'",
        ),
        (
            changed(*NEGATIVE, "OCP [V]", to={"x": [0, 0.5, 0.5, 1], "y": [4, 3, 2, 1]}),
            "['Parameterisation']['Negative electrode']['OCP [V]']['x']: has a value twice",
        ),
    ],
)
def test_a_place_in_the_file_is_named(document: Json, complaint: str) -> None:
    (found,) = complaints(document)

    assert found.startswith(f"spec.cell.bpx{complaint}")


def test_what_is_written_about_the_cell_is_no_function() -> None:
    described = changed("Header", "Description", to="pouch (flat), see Smith(2020)")
    described["Parameterisation"]["User-defined"] = {
        "description": "fit(1)",
        "Contact resistance [Ohm]": 0.01,
    }

    assert complaints(described) == []


@pytest.mark.parametrize("phases", [["2", "1"], [2, 1]])
def test_a_blend_needs_a_model_of_as_many_materials(phases: list[Any]) -> None:
    blend = changed(*NEGATIVE, "Particle", to={"graphite": {}, "silicon": {}})

    with pytest.raises(InvalidSpecError) as caught:
        spec_of(cell=bpx_cell(blend))

    assert str(caught.value) == (
        "spec.model.options['particle phases']: must be ['2', '1'], the active materials in each electrode "
        "of this BPX file, not '1'"
    )
    assert spec_of(cell=bpx_cell(blend), model={"options": {"particle phases": phases}})


NAMES = st.sampled_from(["Cell", "Negative electrode", "Particle", "x", "y", "Lower voltage cut-off [V]"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(st.dictionaries(NAMES, ANYTHING))
def test_no_file_is_too_strange_to_be_checked(content: Json) -> None:
    document = {"Header": {"BPX": "1.1.0", "Model": "DFN"}, "Parameterisation": content}

    with contextlib.suppress(InvalidSpecError):
        spec_of(cell=bpx_cell(document, initialVolts=4.0))


def seconds_for(text: str) -> float:
    started = time.process_time()
    bpx_problems(changed(*NEGATIVE, "OCP [V]", to=text))
    return time.process_time() - started


@pytest.mark.parametrize("piece", ["a", "_ü", "exp(", "a(", "1e", "((", "a "])
def test_time_grows_with_the_length_of_an_expression(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """80 KB of letters once took 107 s, on the event loop. The limit is lifted to see the growth."""
    monkeypatch.setattr(bpx_expression, "MAX_CHARACTERS", 10_000_000)
    size = 40_000
    one = min(seconds_for(piece * size) for _ in range(3))
    two = min(seconds_for(piece * 2 * size) for _ in range(3))

    assert two < 3 * one + 0.05


def test_a_long_expression_is_refused() -> None:
    (complaint,) = complaints(changed(*NEGATIVE, "OCP [V]", to="a" * 1001))

    assert "has 1001 characters, but an expression may have at most 1000" in complaint


@pytest.mark.parametrize("text", ["2exec(x)", "exec (x)", "_e(x)", "é(x)", "1 + a.exec(x)"])
def test_no_function_hides_behind_odd_spelling(text: str) -> None:
    (complaint,) = complaints(changed(*NEGATIVE, "OCP [V]", to=text))

    assert "unknown function" in complaint
