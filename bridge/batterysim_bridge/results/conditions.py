"""Conditions on the rows of a table, such as `endVolts>=3.1`."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from batterysim.catalogue.nearest_names import nearest_names
from batterysim_bridge.http.problem import BAD_REQUEST, FieldError, wrong_fields
from batterysim_formats.series import Series

MAX_CONDITIONS = 20
FIELD = "query.filter"

_CONDITION = re.compile(r"\s*(?P<column>\S.*?)\s*(?P<sign><=|>=|!=|<|>|=)\s*(?P<value>.*?)\s*", re.DOTALL)
_OPERATORS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "<=": pc.less_equal,
        ">=": pc.greater_equal,
        "!=": pc.not_equal,
        "<": pc.less,
        ">": pc.greater,
        "=": pc.equal,
    }
)
_WORDS = ("=", "!=")
_TRUTHS = {"true": True, "false": False}


class Condition(NamedTuple):
    """A comparison of a column with a value. A row without a value there fulfils none."""

    column: str
    sign: str
    value: float | str | bool


def read_conditions(texts: Sequence[str], schema: pa.Schema) -> tuple[Condition, ...]:
    """Read conditions on the columns of a table.

    Raises:
        ProblemError: names each one that is wrong.
    """
    if len(texts) > MAX_CONDITIONS:
        message = f"{len(texts)} conditions: give at most {MAX_CONDITIONS}"
        raise wrong_fields(BAD_REQUEST, [FieldError(FIELD, message)])
    found = [_read(text, schema) for text in texts]
    if errors := [FieldError(FIELD, item) for item in found if isinstance(item, str)]:
        raise wrong_fields(BAD_REQUEST, errors)
    return tuple(item for item in found if isinstance(item, Condition))


def fulfilling(table: Series, conditions: Sequence[Condition]) -> Series:
    """Return the rows that fulfil all conditions."""
    if not conditions:
        return table
    tested = [condition.column for condition in conditions]

    def read(names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for batch in table.read(list(dict.fromkeys([*names, *tested]))):
            kept = batch
            for column, sign, value in conditions:
                kept = kept.filter(_OPERATORS[sign](kept.column(column), value))
            yield kept

    return Series(table.schema, read)


def _read(text: str, schema: pa.Schema) -> Condition | str:
    """Return a condition, or what is wrong with it."""
    match = _CONDITION.fullmatch(text)
    if match is None:
        return f"{text!r} is no condition: write a column, one of {', '.join(_OPERATORS)}, and a value"
    column, sign, written = match["column"], match["sign"], match["value"]
    if column not in schema.names:
        near = nearest_names([column], schema.names, cutoff=0.4)[column]
        advice = f"did you mean {' or '.join(map(repr, near))}?" if near else "ask for the table's columns"
        return f"{text!r}: the table has no {column!r}; {advice}"
    kind = schema.field(column).type
    value = _value(written, kind)
    if value is None:
        wanted = "true or false" if pa.types.is_boolean(kind) else "a number"
        return f"{text!r}: {column!r} is compared with {wanted}, not {written!r}"
    if not isinstance(value, float) and sign not in _WORDS:
        return f"{text!r}: {column!r} holds no numbers: compare it with = or !="
    return Condition(column, sign, value)


def _value(text: str, kind: pa.DataType) -> float | str | bool | None:
    """Return a written value as one of a column; None: it is none."""
    if pa.types.is_boolean(kind):
        return _TRUTHS.get(text.lower())
    if pa.types.is_string(kind):
        return text
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
