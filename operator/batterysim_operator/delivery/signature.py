"""Signatures of callbacks after the Standard Webhooks specification (https://www.standardwebhooks.com).

The specification's own package signs a text in memory. A result may have 100 MB: it is signed in blocks.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from batterysim.names import LABEL_CALLBACK_SECRET

PREFIX = "whsec_"
LEAST_KEY_BYTES = 24
"""The specification asks for 24 to 64 bytes: fewer can be found by trying, without asking anyone."""


class UnusableSecretError(Exception):
    """The callback's Secret cannot sign. The message says what to do."""


def signing_key(secret: dict[str, Any], entry: str) -> bytes:
    """Return the key in an entry of a Secret.

    secret: the Secret as the API server has it.

    Raises:
        UnusableSecretError: it is not marked for callbacks, or the entry is absent or no such key.
    """
    if secret["metadata"].get("labels", {}).get(LABEL_CALLBACK_SECRET) != "true":
        raise UnusableSecretError(
            f'must have the label {LABEL_CALLBACK_SECRET}: "true"; no other Secret is used to sign'
        )
    stored = (secret.get("data") or {}).get(entry)
    if stored is None:
        raise UnusableSecretError("is absent; add it to the Secret")
    try:
        text = base64.b64decode(stored).decode("ascii").strip()
        if not text.startswith(PREFIX):
            raise ValueError
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error) as error:
        raise UnusableSecretError(f'must be "{PREFIX}" and base64') from error
    if len(key) < LEAST_KEY_BYTES:
        raise UnusableSecretError(
            f"has {len(key)} bytes, must have at least {LEAST_KEY_BYTES}: "
            f'make one with: echo "{PREFIX}$(head -c 32 /dev/urandom | base64)"'
        )
    return key


def signature_headers(key: bytes, identity: str, now: datetime, blocks: Iterable[bytes]) -> dict[str, str]:
    """Return the headers that sign a body. Hashes it all: for a thread."""
    timestamp = str(int(now.timestamp()))
    signed = hmac.new(key, f"{identity}.{timestamp}.".encode(), hashlib.sha256)
    for block in blocks:
        signed.update(block)
    return {
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(signed.digest()).decode(),
    }
