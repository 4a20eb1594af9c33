"""An expression means what Python says, and cannot be anything but arithmetic."""

import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.spec.documents.bpx_expression import (
    FUNCTIONS,
    MAX_CHARACTERS,
    ExpressionError,
    parse_expression,
)

MATH = {name: getattr(math, name) for name in FUNCTIONS}


def value(text: str, x: float) -> float:
    return float(parse_expression(text).evaluate(x, MATH))


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "1.5",
        "-x**2",
        "2**-x",
        "2**3**0.5",
        "1 - 2 - 3*x/4/5",
        "(1 - (2 - x))",
        "- -x",
        "+x",
        "1.9793 * exp(-39.3631 * x) + 0.2482 - 0.0909 * tanh(29.8538 * (x - 0.1234))",
        "5.29210878e+01 * cosh(x) - 1e-3*x**3\n + .5",
        " + ".join(f"{n}*x**{n}" for n in range(1, 60)),
    ],
)
@pytest.mark.parametrize("x", [0.1, 0.7, 3.0])
def test_it_is_worth_what_python_says(text: str, x: float) -> None:
    assert value(text, x) == eval(" ".join(text.split()), {**MATH, "x": x})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("sqrt(x)", "unknown function 'sqrt': BPX has exp, tanh, cosh, and a variable x"),
        ("__import__('os').system('id')", "unknown function '__import__'"),
        ("exec(chr(105)+x)", "unknown function 'exec'"),
        ("(lambda: 1)()", "'(lambda: 1)()' is not of BPX"),
        ("exp(x)(x)", "'exp(x)(x)' is not of BPX"),
        ("1 + y", "unknown variable 'y': BPX has exp, tanh, cosh, and a variable x"),
        ("exp", "unknown variable 'exp'"),
        ("x.real", "'x.real' is not of BPX, which has + - * / **, exp, tanh, cosh, and a variable x"),
        ("x[0]", "'x[0]' is not of BPX"),
        ("[x for x in x]", "is not of BPX"),
        ("x if x else x", "is not of BPX"),
        ("x // 2", "'x // 2' is not of BPX"),
        ("x % 2", "is not of BPX"),
        ("1 << 9", "is not of BPX"),
        ("x := 1", "is no expression"),
        ("x; x", "is no expression"),
        ("f'{x}'", "is not of BPX"),
        ("'a' * 9", "\"'a'\" is not a number"),
        ("True", "'True' is not a number"),
        ("0x10", "'0x10' is not a number"),
        ("1_000", "'1_000' is not a number"),
        ("2j", "'2j' is not a number"),
        ("1e999", "'1e999' is not a number"),
        ("exp()", "'exp()' is not of BPX"),
        ("exp(x, x)", "is not of BPX"),
        ("exp(*x)", "is not of BPX"),
        ("exp(x=x)", "is not of BPX"),
        ("x # + 1", "'x # + 1' is no expression"),
        ("x**(9**99*9**99*9**99*9**99)", "an exponent of inf"),
        ("x**(1/0)", "an exponent of inf"),
        ("", "'' is no expression"),
        ("1 +", "'1 +' is no expression"),
        ("x\x00", "is no expression"),
        ("9**9**9**9", "an exponent of 3.8742e+08, of at most 100: use a smaller one"),
        ("x**101", "an exponent of 101, of at most 100"),
        ("x**-(10*11)", "an exponent of -110"),
        ("x**(-8)**0.5", "an exponent of"),
        ("x**exp(9)", "an exponent of 8103.08"),
        ("-" * 900 + "x", "more than 50 levels deep"),
        ("(" * 300 + "x" + ")" * 300, "is no expression"),
        ("not " * 200 + "x", "is not of BPX"),
        ("1" + "+(1" * 60 + ")" * 60, "more than 50 levels deep"),
        ("x" * (MAX_CHARACTERS + 1), "has 1001 characters, but an expression may have at most 1000"),
    ],
)
def test_anything_else_is_rejected(text: str, complaint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)

    assert complaint in str(caught.value)


PIECES = st.sampled_from(
    [
        "x",
        "1",
        "9e9",
        "exp(",
        "(",
        ")",
        "+",
        "-",
        "**",
        "*",
        "/",
        " ",
        ".",
        ",",
        "[",
        "]",
        "'",
        "lambda ",
        ":",
        "_",
        "ü",
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_what_is_taken_can_be_evaluated_and_ends(text: str) -> None:
    try:
        expression = parse_expression(text)
    except ExpressionError:
        return
    try:
        result = expression.evaluate(0.5, MATH)
    except ArithmeticError:
        return
    assert isinstance(result, float | complex)


def test_nothing_is_compiled_and_nothing_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = set(sys.modules)
    seen: list[str] = []
    sys.addaudithook(lambda event, _: seen.append(event) if watching else None)

    watching = True
    value("1 + exp(x) * tanh(x)", 0.5)
    watching = False

    assert "exec" not in seen
    assert "import" not in seen
    assert set(sys.modules) == modules
