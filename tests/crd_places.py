"""The places in a spec at which a user can put something, as the CRD has them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CRD = Path(__file__).parents[1] / "crds" / "batterysimulations.yaml"
NUMBERS = ("number", "integer")

Place = tuple[str, ...]
"""Names of fields from the spec's root; `[]` is an item of a list, `{}` a name that the user chooses."""


def places_of_texts() -> list[Place]:
    """Return the places with room for a text."""
    return [place for place, schema in _leaves(_spec_schema()) if _is_text(schema)]


def places_of_numbers() -> list[Place]:
    """Return the places with room for a number."""
    return [place for place, schema in _leaves(_spec_schema()) if schema.get("type") in NUMBERS]


def put(place: Place, value: Any, name: str = "a") -> Any:
    """Return what has a value at a place, with a name for each `{}` on the way.

    >>> put(("model", "options", "{}"), "yes", "SEI")
    {'model': {'options': {'SEI': 'yes'}}}
    """
    if not place:
        return value
    inner = put(place[1:], value, name)
    return [inner] if place[0] == "[]" else {name if place[0] == "{}" else place[0]: inner}


def _spec_schema() -> dict[str, Any]:
    (version,) = yaml.safe_load(CRD.read_text("utf-8"))["spec"]["versions"]
    schema: dict[str, Any] = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return schema


def _is_text(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "string" or bool(schema.get("x-kubernetes-int-or-string"))


def _leaves(schema: dict[str, Any], place: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    if _is_text(schema) or schema.get("type") in NUMBERS:
        yield place, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _leaves(inner, (*place, name))
    if "items" in schema:
        yield from _leaves(schema["items"], (*place, "[]"))
    if "additionalProperties" in schema:
        yield from _leaves(schema["additionalProperties"], (*place, "{}"))
