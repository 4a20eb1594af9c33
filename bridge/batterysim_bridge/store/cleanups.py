"""The number of a release's cleanups, in its signature in the store: JSON, or empty before the first one."""

import json

# Signatures in stores have this name for it.
_FIELD = "sweeps"


def read_cleanups(signature: bytes) -> int:
    """Return the number of cleanups in a signature.

    Raises:
        OSError: it cannot be read, so they may be any number.
    """
    try:
        return int(json.loads(signature or b"{}").get(_FIELD, 0))
    except (ValueError, TypeError, AttributeError) as error:
        raise OSError(f"the signature {signature[:80]!r} of a release cannot be read: {error}") from error


def write_cleanups(count: int) -> bytes:
    """Return a signature."""
    return json.dumps({_FIELD: count}).encode()
