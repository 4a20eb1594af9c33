"""JSON as it goes over the wire."""

import json


def to_json(value: object) -> bytes:
    """Return compact JSON in UTF-8.

    Raises:
        ValueError: it has a NaN or an infinity in it.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
