"""How deep a document is, found out without going down into it."""

from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 50
"""A spec has some ten levels. Python gives up at about 1000, and the API server stores 10,000."""


def is_deeper(document: Any, levels: int) -> bool:
    """Tell whether a document has more levels of objects and lists than these.

    >>> is_deeper({"a": [1]}, 2), is_deeper({"a": [1]}, 1)
    (False, True)
    """
    layer = [document]
    for _ in range(levels):
        layer = [item for node in layer for item in _items(node)]
        if not layer:
            return False
    return any(isinstance(node, Mapping | list) for node in layer)


def _items(node: Any) -> list[Any]:
    if isinstance(node, Mapping):
        return list(node.values())
    return node if isinstance(node, list) else []
