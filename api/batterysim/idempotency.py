"""How a request that is made twice is known to be the same, over HTTP or by kubectl's credentials.

All that this takes is noted down in the object that the first request creates.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from batterysim import names

LABEL_KEY_HASH = f"{names.GROUP}/idempotency-key"
ANNOTATION_REQUEST_HASH = f"{names.GROUP}/request-sha256"
GENERATED_NAME_PREFIX = "sim-"
# Enough hexadecimal digits that no two keys share them by chance; a label's value has room for 63.
KEY_HASH_DIGITS = 40


def key_hash(namespace: str, key: str) -> str:
    """Return the identity of an idempotency key in a namespace, the same for every user."""
    return hashlib.sha256(f"{namespace}\n{key}".encode()).hexdigest()[:KEY_HASH_DIGITS]


def request_hash(metadata: Mapping[str, Any], spec: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what was asked for.

    metadata: namespace, labels and annotations, empty ones too, and name or generateName if the user gave it.
    spec: as the user wrote it, without defaults.
    """
    request = {"metadata": metadata, "spec": spec}
    return hashlib.sha256(json.dumps(request, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def naming(name: str | None, prefix: str | None, hashed_key: str | None) -> dict[str, str]:
    """Return the part of an object's metadata that names it: as the user says, by the key, or generated.

    prefix: the beginning of a name that is derived or generated; None: ours. A name takes precedence, as in
    Kubernetes.
    """
    if name is not None:
        return {"name": name}
    prefix = GENERATED_NAME_PREFIX if prefix is None else prefix
    return {"generateName": prefix} if hashed_key is None else {"name": f"{prefix}{hashed_key}"}
