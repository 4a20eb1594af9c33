"""The number of a release's sweeps, in its signature in the store: JSON, or empty before the first one."""

import json


def read_sweeps(signature: bytes) -> int:
    """Return the number of sweeps in a signature.

    Raises:
        OSError: it cannot be read, so they may be any number.
    """
    try:
        return int(json.loads(signature or b"{}").get("sweeps", 0))
    except (ValueError, TypeError, AttributeError) as error:
        raise OSError(f"the signature {signature[:80]!r} of a release cannot be read: {error}") from error


def write_sweeps(count: int) -> bytes:
    """Return a signature."""
    return json.dumps({"sweeps": count}).encode()
