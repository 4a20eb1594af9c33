"""Paths of fields in a spec: `cell.parameters['Negative electrode thickness [m]']`."""

import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from batterysim.catalogue.nearest_names import nearest_names
from batterysim.contract import Contract
from batterysim.spec.simulation import Physics

Path = tuple[str, ...]

# A name with dots in it stands in brackets and quotes, as in the messages of parse_spec.
_PART = re.compile(r"""\[(['"])(?P<quoted>.+?)\1\]|\.?(?P<plain>[^.]+?)(?=\.|\['|\["|$)""")


class PathError(ValueError):
    """A path leads nowhere. The message says where it could lead."""


def split_path(path: str) -> Path:
    """Return the parts of a path; none if it is not a path.

    >>> split_path("model.options['SEI on cracks']")
    ('model', 'options', 'SEI on cracks')
    """
    parts, position = [], 0
    while position < len(path):
        match = _PART.match(path, position)
        if match is None:
            return ()
        parts.append(match["quoted"] or match["plain"])
        position = match.end()
    return tuple(parts)


def read_path(text: str) -> Path:
    """Return the parts of the path of a field below spec.simulation.

    Raises:
        PathError: there is no such field; the message names the nearest ones.
    """
    parts = split_path(text)
    if not parts or not _leads_to_value(Physics, parts):
        hint = " or ".join(map(repr, _nearest(text))) or "a path such as 'cell.ambientTemperatureCelsius'"
        raise PathError(f"{text!r} is no field of a simulation: use {hint}")
    return parts


def _nearest(text: str) -> list[str]:
    """Return the paths that a wrong one may have been meant for; it may lack all but its last part."""
    known = list(known_paths(Physics))
    by_last_part = {path.rsplit(".", 1)[-1]: path for path in known}
    last = text.rsplit(".", 1)[-1]
    whole, part = nearest_names([text], known, cutoff=0.7), nearest_names([last], by_last_part, cutoff=0.7)
    return whole[text] or [by_last_part[name] for name in part[last]]


def known_paths(contract: type[Contract], before: Path = ()) -> Iterator[str]:
    """Yield the paths of all fields that hold a value; those in lists and by free names are left out."""
    for field in contract.model_fields.values():
        path = (*before, str(field.alias))
        inner = _type_of(field.annotation)
        if isinstance(inner, type) and issubclass(inner, Contract):
            yield from known_paths(inner, path)
        elif typing.get_origin(inner) not in (dict, list):
            yield ".".join(path)


def with_value(raw: Mapping[str, Any], path: Path, value: object) -> dict[str, Any]:
    """Return an object with a value at a path; the given one stays as it is and shares all other parts.

    Raises:
        PathError: the path leads past the end of a list.
    """
    changed: dict[str, Any] = dict(raw)
    changed[path[0]] = _changed(changed.get(path[0]), path[1:], value)
    return changed


def value_at(raw: object, path: Path) -> object:
    """Return the value at a path; None where there is none."""
    node: Any = raw
    for part in path:
        if isinstance(node, Mapping):
            node = node.get(part)
        elif isinstance(node, Sequence) and not isinstance(node, str) and part.isdecimal():
            node = node[int(part)] if int(part) < len(node) else None
        else:
            return None
    return node


def _changed(node: object, path: Path, value: object) -> object:
    if not path:
        return value
    if isinstance(node, list):
        if not path[0].isdecimal() or int(path[0]) >= len(node):
            raise PathError(f"there is no item {path[0]} in a list of {len(node)}: count from 0")
        items = list(node)
        items[int(path[0])] = _changed(items[int(path[0])], path[1:], value)
        return items
    return with_value(node if isinstance(node, Mapping) else {}, path, value)


def _leads_to_value(annotation: object, parts: Path) -> bool:
    """Tell whether a type has a plain value at the end of a path."""
    inner = _type_of(annotation)
    origin = typing.get_origin(inner)
    if isinstance(inner, type) and issubclass(inner, Contract):
        fields = {field.alias: field.annotation for field in inner.model_fields.values()}
        return bool(parts) and parts[0] in fields and _leads_to_value(fields[parts[0]], parts[1:])
    if origin is dict:
        return bool(parts) and _leads_to_value(typing.get_args(inner)[1], parts[1:])
    if origin is list:
        return bool(parts) and parts[0].isdecimal() and _leads_to_value(typing.get_args(inner)[0], parts[1:])
    return not parts


def _type_of(annotation: Any) -> Any:
    """Return the type without its constraints, and without None as a choice."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _type_of(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        choices = [choice for choice in typing.get_args(annotation) if choice is not type(None)]
        return _type_of(choices[0]) if len(choices) == 1 else annotation
    return annotation
