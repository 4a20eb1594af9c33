"""Values of NumPy and pandas in a spec, which JSON does not have, as those of Python."""

from collections.abc import Mapping
from typing import Any

from batterysim.spec.documents.depth import MAX_DEPTH, is_deeper
from batterysim.spec.documents.python_contents import Frame


def without_numpy(raw_spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a spec with each array as a list, and each of its numbers as one of Python.

    Tables that a content may be stay as they are, and so does what is too deep, for the validation to say so.

    >>> import array
    >>> without_numpy({"values": array.array("d", [0.5, 1.0])})
    {'values': [0.5, 1.0]}
    """
    if is_deeper(raw_spec, MAX_DEPTH):
        return dict(raw_spec)
    return {key: _of_python(value) for key, value in raw_spec.items()}


def _of_python(value: Any) -> Any:
    # Scalars of NumPy have tolist, too. Not by their types: who has none of them need not have NumPy.
    if hasattr(value, "tolist") and not isinstance(value, Frame):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: _of_python(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_of_python(item) for item in value]
    return value
