"""Numbers that are written as numbers: not as text, nor as true or false, which the API server rejects."""

from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticKnownError


def _number(value: object) -> object:
    if isinstance(value, str | bytes | bool):
        raise PydanticKnownError("float_type")
    return value


def _whole_number(value: object) -> object:
    if isinstance(value, str | bytes | bool):
        raise PydanticKnownError("int_type")
    return value


NUMBER = BeforeValidator(_number)
WHOLE_NUMBER = BeforeValidator(_whole_number)
"""Behind limits, as in Annotated[float, Field(gt=0), NUMBER]: in front of them, JSON Schema loses those."""

Number = Annotated[float, NUMBER]
