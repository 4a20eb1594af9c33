"""The part of a spec that is the largest, for errors about its size."""

import json
from collections.abc import Mapping
from typing import Any

DEEPEST_FIELD = 6


def largest_part(raw: Mapping[str, Any]) -> tuple[str, int]:
    """Return the field that has most of a spec's characters of JSON in it, and how many."""
    field, part, size = "spec", raw, _size(raw)
    for _ in range(DEEPEST_FIELD):
        if not isinstance(part, Mapping) or not part:
            break
        name, inner = max(part.items(), key=lambda item: _size(item[1]))
        if _size(inner) * 2 < size:
            break
        field, part, size = f"{field}.{name}", inner, _size(inner)
    return field, size


def _size(value: object) -> int:
    return len(json.dumps(value, separators=(",", ":")))
