"""A BPX document as text, which the API server can bound and an object cannot."""

import json
from typing import Any, NoReturn

from batterysim.spec.documents.depth import MAX_DEPTH, is_deeper


def read_bpx(text: str) -> dict[str, Any]:
    """Read the JSON of a BPX document.

    Raises:
        ValueError: it is none. The message follows the name of what is read.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from error
    except RecursionError:
        value = None
    if value is None or is_deeper(value, MAX_DEPTH):
        raise ValueError(
            f"is more than {MAX_DEPTH} levels deep, or has nothing in it: a BPX document has six"
        )
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object, which begins with a brace")
    return value


def compact(document: Any) -> str:
    """Return a document as text, the same however it was written."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"has {name}, which is not a number: correct it")
