"""A state that users can write is numbers by names, and nothing else; anything else is refused."""

import json

import numpy as np
import pytest

from batterysim.continuation.likeness import likeness
from batterysim.problem import InvalidSpecError
from batterysim_runner.continuation.final_state import FinalState, StateVariable, decode
from tests.builders import Json, spec_of

GOING_ON = spec_of(cell={"initialState": {"fromResult": "first"}})


def state(*variables: StateVariable) -> FinalState:
    return FinalState(
        key=likeness(GOING_ON),
        parameters={"Initial concentration in negative electrode [mol.m-3]": 29866.1},
        variables=list(variables) or [number("Throughput capacity [A.h]", 0.1)],
    )


def number(name: str, *values: float) -> StateVariable:
    return StateVariable.of(name, np.array(values), is_differential=True)


def test_numbers_come_back_to_the_last_bit() -> None:
    values = (0.1, 1 / 3, -2.5e-300, 5e-324, 1.7976931348623157e308)

    (variable,) = decode(state(number("x", *values)).encode(), GOING_ON).variables

    assert variable.numbers.tolist() == list(values)


def changed(**fields: object) -> bytes:
    document: Json = json.loads(state().encode())
    return json.dumps(document | fields).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04\x95\x10\x00\x00\x00",  # a pickle's beginning
        b"null",
        b"[" * 100_000,
        changed(format=2),
        changed(variables="none"),
        changed(variables=[{"name": "x", "values": "no base64!", "isDifferential": True}]),
        changed(variables=[{"name": "x", "values": "AAAA", "isDifferential": True}]),
        changed(variables=[number("x", np.nan).to_json_dict()]),
        changed(variables=[number("x", np.inf).to_json_dict()]),
        changed(parameters={"Initial concentration in negative electrode [mol.m-3]": "__import__('os')"}),
        changed(parameters={"Electrode height [m]": 0.1}),
        changed(more=1),
    ],
    ids=[
        "nothing", "pickle", "null", "deep", "format", "variables", "base64", "half a number", "nan",
        "infinity", "code", "another parameter", "more",
    ],
)  # fmt: skip
def test_whatever_else_it_is_it_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        decode(content, GOING_ON)

    assert str(caught.value).startswith(
        "spec.cell.initialState.fromResult: the state in the earlier result cannot"
    )


def test_the_fields_that_differ_are_named() -> None:
    other = spec_of(model={"family": "SPM"}, cell={"initialState": {"fromResult": "first"}})

    with pytest.raises(
        InvalidSpecError, match=r"the result of 'first' cannot be continued, because spec\.model"
    ):
        decode(state().encode(), other)
