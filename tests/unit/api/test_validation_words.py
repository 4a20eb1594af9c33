"""What is wrong with a value is said without pydantic's words and without patterns."""

import re
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from batterysim.kubernetes_names import (
    KEY_PATTERN,
    LABEL_PATTERN,
    LABEL_VALUE_PATTERN,
    SUBDOMAIN_PATTERN,
)
from batterysim.validation_words import MAX_SUGGESTIONS, validation_messages

PYDANTIC = re.compile(
    r"[Ii]nput should|[Ss]tring should|pattern|valid (number|integer|dict)|instance of|\^|\\|validation"
)


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    amperes: float | None = None


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    inner: Inner | None = None
    steps: list[Inner] = []


def messages(kind: Any, value: Any) -> list[str]:
    model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    return [message for _, message in validation_messages(map(dict, caught.value.errors()), model)]


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (float, "five", "must be a number, not 'five'"),
        (int, 1.5, "must be a whole number, not 1.5"),
        (bool, "perhaps", "must be true or false, not 'perhaps'"),
        (str, 5, "must be text, not 5"),
        (list[int], "1", "must be a list, not '1'"),
        (Outer, 5, "must be an object with fields, not 5"),
        (Annotated[float, Field(gt=0)], -1, "must be greater than 0, not -1"),
        (Annotated[float, Field(ge=1)], 0, "must be at least 1, not 0"),
        (Annotated[float, Field(lt=1)], 1, "must be less than 1, not 1"),
        (Annotated[float, Field(le=1)], 80, "must be at most 1, not 80"),
        (Annotated[list[int], Field(min_length=2)], [1], "must have at least 2 entries, not [1]"),
        (Annotated[str, Field(min_length=1)], "", "must have at least 1 character, not ''"),
        (Annotated[str, Field(max_length=2)], "abc", "must have at most 2 characters, not 'abc'"),
        (
            Literal["Chen2020", "Xu2019"],
            "chen2021",
            "did you mean 'Chen2020'? 'chen2021' is unknown: choose 'Chen2020' or 'Xu2019'",
        ),
        (Literal["v1", "jobManager"], "xml", "'xml' is unknown: choose 'v1' or 'jobManager'"),
        (Outer, {"iner": {}}, "unknown field: did you mean 'inner'?"),
        (Outer, {"inner": {"ampere": 5}}, "unknown field: did you mean 'amperes'?"),
        (Outer, {"steps": [{}, {"amps": 5}]}, "unknown field: did you mean 'amperes'?"),
        (Outer, {"colour": 5}, "unknown field: remove it or correct its spelling"),
    ],
)
def test_it_says_what_is_expected_and_what_was_given(kind: Any, value: Any, message: str) -> None:
    assert messages(kind, value) == [message]


@pytest.mark.parametrize(
    "pattern", [SUBDOMAIN_PATTERN, LABEL_PATTERN, LABEL_VALUE_PATTERN, KEY_PATTERN, "^[0-9a-f]{64}$", "^x$"]
)
def test_a_pattern_is_told_in_words(pattern: str) -> None:
    (message,) = messages(Annotated[str, Field(pattern=pattern)], "?")

    assert not PYDANTIC.search(message)
    assert message.endswith(", not '?'")


def test_a_thousand_wrong_names_are_not_all_compared() -> None:
    said = messages(Outer, {f"iner{number}": 1 for number in range(1000)})

    assert sum("did you mean" in message for message in said) == MAX_SUGGESTIONS
