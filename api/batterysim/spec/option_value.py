"""A value of one of PyBaMM's options: a word, a number, or a pair, [negative, positive].

The API server has one type for a value, and no bounds for what has any type. So it takes a pair as text,
'["2", "1"]'; wherever a spec is read, a list is as good.
"""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, JsonValue, PlainSerializer, WithJsonSchema

MAX_CHARACTERS = 200


def written(value: JsonValue) -> str | int:
    """Return a value as the API server takes it.

    >>> written(["2", "1"]), written(True), written("lumped")
    ('["2", "1"]', 'true', 'lumped')
    """
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return json.dumps(value, ensure_ascii=False)


def _read(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if len(value) > MAX_CHARACTERS:
        raise ValueError(f"has {len(value)} characters, more than {MAX_CHARACTERS}: write one of its values")
    if not value.lstrip().startswith("["):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f'{value!r} is no list: write a pair as \'["2", "1"]\'') from error


OptionValue = Annotated[
    JsonValue,
    BeforeValidator(_read),
    PlainSerializer(written, return_type=str | int, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "x-kubernetes-int-or-string": True,
            "maxLength": MAX_CHARACTERS,
        }
    ),
]
