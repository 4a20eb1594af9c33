"""Wrong values described in a user's words instead of pydantic's."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from inspect import isclass
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel

from batterysim.kubernetes_names import (
    KEY_PATTERN,
    LABEL_PATTERN,
    LABEL_VALUE_PATTERN,
    PREFIX_PATTERN,
    SUBDOMAIN_PATTERN,
    WORDS_FOR_PREFIX,
    WORDS_FOR_SUBDOMAIN,
)
from batterysim.names import SWEEP_COLUMN_PATTERN

MAX_SHOWN_CHARACTERS = 200
"""A wrong value is shown in its message, a long one, such as a whole file, only in part."""
MAX_COMPARED_CHARACTERS = 100
"""A longer text is no misspelt name, and comparing takes time."""

MAX_SUGGESTIONS = 10
"""Each takes up to a millisecond, and a spec has room for thousands of wrong names."""

WORDS_FOR_PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        SUBDOMAIN_PATTERN: WORDS_FOR_SUBDOMAIN,
        PREFIX_PATTERN: WORDS_FOR_PREFIX,
        LABEL_PATTERN: "must be at most 63 lower-case letters, digits and '-', with no '-' at the ends",
        LABEL_VALUE_PATTERN: "must be letters, digits, '-', '_' and '.', with a letter or digit at both ends",
        KEY_PATTERN: "must be letters, digits, '-', '_' and '.', and must not begin with '..'",
        SWEEP_COLUMN_PATTERN: "must be at most 63 letters, digits and '_', with a letter first",
        "^[0-9a-f]{64}$": "must be a SHA-256: 64 digits and letters from a to f",
    }
)

_Context = Mapping[str, Any]
_WORDS: Mapping[str, Callable[[_Context], str]] = MappingProxyType(
    {
        "greater_than": lambda context: f"must be greater than {context['gt']:g}",
        "greater_than_equal": lambda context: f"must be at least {context['ge']:g}",
        "less_than": lambda context: f"must be less than {context['lt']:g}",
        "less_than_equal": lambda context: f"must be at most {context['le']:g}",
        "finite_number": lambda _: "must be a finite number",
        "too_short": lambda context: f"must have at least {_entries(context['min_length'])}",
        "too_long": lambda context: f"must have at most {_entries(context['max_length'])}",
        "string_too_short": lambda context: f"must have at least {_characters(context['min_length'])}",
        "string_too_long": lambda context: f"must have at most {_characters(context['max_length'])}",
        "url_too_long": lambda context: f"must have at most {_characters(context['max_length'])}",
        "url_scheme": lambda context: (
            f"must be a URL that begins with {_schemes(context['expected_schemes'])}"
        ),
        "url_parsing": lambda context: f"must be a URL ({context['error']})",
        "string_pattern_mismatch": lambda context: WORDS_FOR_PATTERNS.get(
            context["pattern"], "has characters that are not allowed here"
        ),
        "none_required": lambda _: "must be empty",
    }
)
_KINDS = {
    "a number": ("float_type", "float_parsing"),
    "a whole number": ("int_type", "int_parsing", "int_from_float", "int_parsing_size"),
    "true or false": ("bool_type", "bool_parsing"),
    "text": ("string_type",),
    "a list": ("list_type", "tuple_type", "set_type"),
    "an object with fields": ("model_type", "dict_type", "model_attributes_type", "mapping_type"),
    "a time such as 2026-11-24T12:00:00Z": (
        "datetime_type",
        "datetime_parsing",
        "datetime_from_date_parsing",
    ),
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}


def validation_messages(
    errors: Iterable[Mapping[str, Any]], model: type[BaseModel] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the place of each error of a `ValidationError` and a message: what is expected, and the value.

    errors: as `errors()` gives them. model: the class that was read, for suggestions of field names.
    """
    for number, error in enumerate(errors):
        place = ".".join(str(part) for part in error["loc"])
        yield place, _message(error, model, suggests=number < MAX_SUGGESTIONS)


def _message(error: Mapping[str, Any], model: type[BaseModel] | None, *, suggests: bool) -> str:
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "extra_forbidden":
            name = error["loc"][-1]
            near = _nearest(str(name), list(_fields(model, error["loc"][:-1]))) if suggests else None
            return (
                f"unknown field: did you mean {near!r}?"
                if near
                else "unknown field: remove it or correct its spelling"
            )
        case "missing":
            return "required, but absent: add it"
        case "value_error":
            return str(context["error"])
        case "literal_error" | "enum":
            return _unknown_choice(error["input"], context["expected"], suggests=suggests)
    if kind in _KIND_OF:
        expected = f"must be {_KIND_OF[kind]}"
    elif kind in _WORDS:
        expected = _WORDS[kind](context)
    else:
        expected = _uncapitalised(error["msg"])
    return f"{expected}, not {shown(error['input'])}"


def shown(value: object) -> str:
    """Return a value as a message has it, which may be cut."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN_CHARACTERS else text[:MAX_SHOWN_CHARACTERS] + "…"


def _unknown_choice(value: object, expected: str, *, suggests: bool) -> str:
    """Return a message with the nearest choice first, because there may be many.

    expected: pydantic's list, `'a', 'b' or 'c'`.
    """
    choices = [choice.strip().strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    near = _nearest(value, choices) if suggests and isinstance(value, str) else None
    meant = f"did you mean {near!r}? " if near else ""
    return f"{meant}{shown(value)} is unknown: choose {expected}"


def _nearest(name: str, known: Sequence[str]) -> str | None:
    if len(name) > MAX_COMPARED_CHARACTERS:
        return None
    by_lower_case = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), by_lower_case, n=1)
    return by_lower_case[near[0]] if near else None


def _fields(model: type[BaseModel] | None, path: Sequence[int | str]) -> Iterator[str]:
    """Yield the names that fields have at a place in a document; none if the place has no model."""
    for part in path:
        if model is None:
            return
        if isinstance(part, str):
            fields = model.model_fields.items()
            found = [field.annotation for name, field in fields if part in (name, field.alias)]
            model = _model_in(found[0]) if found else None
    if model is not None:
        yield from (field.alias or name for name, field in model.model_fields.items())


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isclass(annotation) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part))), None)


def _entries(count: int) -> str:
    return f"{count} {'entry' if count == 1 else 'entries'}"


def _characters(count: int) -> str:
    return f"{count} {'character' if count == 1 else 'characters'}"


def _schemes(expected: str) -> str:
    return " or ".join(f"{scheme.strip(chr(39))}://" for scheme in expected.split(" or "))


def _uncapitalised(text: str) -> str:
    """Begin a sentence in lower case, unless it begins with an abbreviation such as URL."""
    return text if text[:2].isupper() else text[0].lower() + text[1:]
