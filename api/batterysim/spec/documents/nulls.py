"""Fields that are null, which is as good as absent.

The API server leaves them out before it validates, and many programs write null for what is not set.
"""

from collections.abc import Mapping
from typing import Any

MAPS = frozenset({"functions", "options", "parameters"})
"""Objects whose keys are the user's. The API server drops nulls there, too, and with them the user's wish,
such as an option that is off; wherever else a spec is read, they are named."""


def without_nulls(raw: Any) -> Any:
    """Return a spec, or a part of it, without fields that are null; those in lists and in MAPS stay."""
    if isinstance(raw, Mapping):
        given = {key: value for key, value in raw.items() if value is not None}
        return {key: _map(value) if key in MAPS else without_nulls(value) for key, value in given.items()}
    return [without_nulls(item) for item in raw] if isinstance(raw, list) else raw


def _map(raw: Any) -> Any:
    return {key: without_nulls(value) for key, value in raw.items()} if isinstance(raw, Mapping) else raw
